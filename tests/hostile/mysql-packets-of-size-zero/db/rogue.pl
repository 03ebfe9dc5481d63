#!/usr/bin/perl
# Sends packets without content.
use strict; use warnings; use IO::Socket::INET; $| = 1;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    $client->autoflush(1);
    while (1) { print $client "\0\0\0\0" or exit; select(undef, undef, undef, 0.3); }
    exit;
}
