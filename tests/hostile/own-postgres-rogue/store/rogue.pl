# Lets everybody in as PostgreSQL does, and answers each statement with rows of its own.
use strict;
use warnings;
use IO::Socket::INET;

my $listener = IO::Socket::INET->new(LocalPort => 5432, Listen => 50, ReuseAddr => 1) or die "no port: $!";
$SIG{CHLD} = 'IGNORE';
sub message { my ($kind, $body) = @_; return $kind . pack('N', 4 + length $body) . $body; }
my $ready = message('Z', 'I');
my $columns = message('T', pack('n', 1) . "s\0" . pack('NnNnNn', 0, 0, 25, -1 & 0xffff, 0xffffffff, 0));
my $row = message('D', pack('n', 1) . pack('N', 4) . "\xff\xfe\x00\x01");
while (1) {
    my $client = $listener->accept or next;
    next if fork;
    sysread $client, my $start, 10000;
    print $client message('R', pack('N', 0)), message('S', "server_version\0" . "17.0\0"),
        message('S', "client_encoding\0UTF8\0"), message('K', pack('NN', 1, 1)), $ready;
    $client->flush;
    while (read $client, my $head, 5) {
        my ($kind, $length) = unpack 'aN', $head;
        read $client, my $body, $length - 4 if $length > 4;
        exit if $kind eq 'X';
        print $client $columns, $row, message('C', "SELECT 1\0"), $ready if $kind eq 'Q';
        print $client message('1', '') if $kind eq 'P';
        print $client message('2', '') if $kind eq 'B';
        print $client $columns if $kind eq 'D';
        print $client $row, message('C', "SELECT 1\0") if $kind eq 'E';
        print $client $ready if $kind eq 'S';
        $client->flush;
    }
    exit;
}
