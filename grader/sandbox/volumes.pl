# Looks into the volumes of one run, and fills them. It runs in a container that has the volumes of a
# submission below /volumes, and nothing else that is worth reading: no network, no file of ours.
#
# Each line on standard input is a request, its words in hexadecimal; each answer is a line with
# "ok" or what is the matter, and the bytes that follow it.
#
#   files VOLUME FOLDER MOST     a line for each entry: kind, size, mode, owner, path in hexadecimal
#   read  VOLUME PATH MOST       the bytes of a regular file, no more than MOST
#   fill  VOLUME                 takes all space that there is, and all that is freed, until `free`
#   free  VOLUME                 gives it back
#
# No link is followed and nothing but a regular file is opened: a pipe would have it wait.
use strict;
use warnings;
use Errno;
use Fcntl qw(:mode O_RDONLY O_RDWR O_NOFOLLOW O_NONBLOCK O_DIRECTORY);

my $O_TMPFILE = 020000000 | O_DIRECTORY;    # Fcntl does not know it; linux/fcntl.h
my $DEEPEST = 32;
my $REFILL  = 0.01;
my %filled;

# What `fill` writes to is there from the beginning: in a volume that has no file left to give, none
# could be made.
my %reserve;
for my $volume (@ARGV) {
    sysopen my $file, $volume, $O_TMPFILE | O_RDWR, 0600 or die "$volume: $!\n";
    $reserve{$volume} = $file;
}

while (1) {
    my $request = next_line();
    last unless defined $request;
    my ($verb, @words) = split / /, $request;
    @words = map { pack 'H*', $_ } @words;
    my ($status, $body) =
        $verb eq 'files' ? files(@words)
      : $verb eq 'read'  ? content(@words)
      : $verb eq 'fill'  ? fill(@words)
      : $verb eq 'free'  ? free(@words)
      :                    ('unknown', '');
    put("$status " . length($body) . "\n" . $body);
}

# The next line of standard input; meanwhile what is freed of a full volume is taken again.
my $waiting;

sub next_line {
    $waiting = '' unless defined $waiting;
    while (1) {
        return $1 if $waiting =~ s/\A([^\n]*)\n//;
        my $wanted = '';
        vec($wanted, 0, 1) = 1;
        my $ready = select($wanted, undef, undef, %filled ? $REFILL : undef);
        if ($ready > 0) {
            return undef unless sysread STDIN, $waiting, 65536, length $waiting;
        }
        take($_) for values %filled;
    }
}

sub put {
    my ($bytes) = @_;
    my $sent = 0;
    while ($sent < length $bytes) {
        my $count = syswrite STDOUT, $bytes, length($bytes) - $sent, $sent;
        exit 1 unless defined $count;
        $sent += $count;
    }
}

sub files {
    my ($volume, $folder, $most) = @_;
    my $start = $folder eq '' ? $volume : "$volume/$folder";
    my ($fault) = stands_in($volume, $folder);
    return ($fault, '') if $fault;
    return ('missing', '') unless lstat $start;
    return ('other', '') unless -d _;
    my ($found, $count, @left) = ('', 0, [$start, $folder, 0]);
    while (my $next = shift @left) {
        my ($path, $shown, $depth) = @$next;
        return ('deep', '') if $depth > $DEEPEST;
        opendir my $entries, $path or $!{ENAMETOOLONG} ? return ('deep', '') : next;
        while (defined(my $name = readdir $entries)) {
            next if $name eq '.' || $name eq '..';
            my @status = lstat "$path/$name" or $!{ENAMETOOLONG} ? return ('deep', '') : next;
            return ('many', '') if ++$count > $most;
            my $inner = $shown eq '' ? $name : "$shown/$name";
            my $kind = kind($status[2]);
            $found .= join(' ', $kind, @status[7, 2, 4], unpack 'H*', $inner) . "\n";
            push @left, ["$path/$name", $inner, $depth + 1] if $kind eq 'folder';
        }
        closedir $entries;
    }
    return ('ok', $found);
}

sub kind {
    my ($mode) = @_;
    return S_ISREG($mode) ? 'file' : S_ISDIR($mode) ? 'folder' : S_ISLNK($mode) ? 'link' : 'other';
}

# What is the matter with a path of which a folder is a link; empty where nothing is.
sub stands_in {
    my ($volume, $path) = @_;
    my $at = $volume;
    for my $part (split m{/}, $path) {
        return 'link' if $part eq '..';
        $at .= "/$part";
        return 'link' if -l $at;
    }
    return '';
}

sub content {
    my ($volume, $path, $most) = @_;
    my ($fault) = stands_in($volume, $path);
    return ($fault, '') if $fault;
    return ('missing', '') unless lstat "$volume/$path";
    return ('other', '') unless -f _;
    sysopen my $file, "$volume/$path", O_RDONLY | O_NOFOLLOW | O_NONBLOCK or return ('missing', '');
    my @status = stat $file;
    return ('other', '') unless S_ISREG($status[2]);
    return ('large', '') if $status[7] > $most;
    my $bytes = '';
    while (length $bytes <= $most) {
        my $count = sysread $file, $bytes, 65536, length $bytes;
        last unless $count;
    }
    return length $bytes > $most ? ('large', '') : ('ok', $bytes);
}

sub fill {
    my ($volume) = @_;
    return ('unknown', '') unless $reserve{$volume};
    $filled{$volume} = $reserve{$volume};
    take($filled{$volume});
    return ('ok', '');
}

sub take {
    my ($file) = @_;
    for my $size (1 << 20, 4096) {
        my $block = "\0" x $size;
        while (syswrite $file, $block) { }
    }
}

sub free {
    my ($volume) = @_;
    my $file = delete $filled{$volume} or return ('ok', '');
    truncate $file, 0       or return ('kept', '');
    sysseek $file, 0, 0;
    return ('ok', '');
}
