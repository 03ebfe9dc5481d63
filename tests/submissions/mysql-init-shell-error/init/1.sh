no-such-program --now
