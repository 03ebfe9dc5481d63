% rebase("frame")
<p><a href="/register">Register</a> or <a href="/login">log in</a>.</p>
