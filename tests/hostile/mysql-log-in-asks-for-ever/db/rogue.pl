#!/usr/bin/perl
# Greets as a server does, and then asks one question after the other.
use strict; use warnings; use IO::Socket::INET; $| = 1;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
my $greeting = "\x0a8.4.0\0" . pack("V", 7) . "abcdefgh\0" . pack("v", 0xffff) . "\x2d" . pack("vv", 2, 0xffff)
    . "\x15" . "\0" x 10 . "ijklmnopqrst\0" . "mysql_native_password\0";
while (my $client = $listener->accept) {
    next if fork;
    $client->autoflush(1);
    print $client substr(pack("V", length $greeting), 0, 3), "\0", $greeting;
    my $number = 2;
    while (sysread $client, my $answer, 65536) {
        my $question = ($number == 2 ? "\xfedialog\0" : "") . "\x02Password?";
        print $client substr(pack("V", length $question), 0, 3), chr($number % 256), $question or exit;
        $number += 2;
    }
    exit;
}
