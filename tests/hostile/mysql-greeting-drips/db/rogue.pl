#!/usr/bin/perl
# Sends a greeting that never ends: a byte now and then.
use strict; use warnings; use IO::Socket::INET; $| = 1;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    $client->autoflush(1);
    print $client "\xff\xff\xff\0\x0a";
    for (1 .. 3000) { select(undef, undef, undef, 0.7); print $client "8" or exit; }
    exit;
}
