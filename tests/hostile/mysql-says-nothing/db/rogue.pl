#!/usr/bin/perl
# Takes connections and says nothing.
use strict; use warnings; use IO::Socket::INET; $| = 1;
my $listener = IO::Socket::INET->new(LocalPort => 3306, Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = 'IGNORE';
while (my $client = $listener->accept) {
    next if fork;
    $client->autoflush(1);
    sleep 3600;
    exit;
}
