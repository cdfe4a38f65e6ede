/**
 * A program of perl, which every Debian has (perl-base), that needs no module: for each line with the name of a network
 * namespace it enters that by setns(2) and writes what the kernel answers to dumps of links, addresses and routes, after the
 * length of that (32 bits, big end first). Nothing: there is no such namespace, or it could not be read. In between it is in
 * its first namespace, and keeps no other alive. Its arguments are setns's
 * number (it ends where that is not what it does) and the most bytes that it answers with.
 */
export const readerScript = `
my ($setns, $most) = @ARGV;
exit 1 if length(pack 'P', '') != 8;
open my $own, '<', '/proc/self/ns/net' or exit 1;

sub enter {
  my ($ns) = @_;
  return 0 if syscall(0 + $setns, fileno $ns, 0x40000000) != 0;
  my ($device, $inode) = stat $ns;
  my @now = stat '/proc/self/ns/net';
  $now[0] == $device && $now[1] == $inode or exit 1;
  return 1;
}

sub ask {
  my ($socket, $all, $type, $body) = @_;
  send $socket, pack('LSSLL', 16 + length $body, $type, 0x301, 1, 0) . $body, 0 or return 0;
  while (1) {
    defined recv $socket, my $part, 65536, 0 or return 0;
    $$all .= $part;
    return 0 if length $$all > $most;
    for (my $at = 0; $at + 16 <= length $part;) {
      my ($length, $kind) = unpack 'LS', substr $part, $at, 6;
      return 1 if $kind == 2 || $kind == 3;
      return 0 if $length < 16;
      $at += ($length + 3) & ~3;
    }
  }
}

my @questions = (
  [18, pack('x16 SSL', 8, 29, 9)],
  [22, pack 'x8'],
  [26, pack 'x12'],
);

while (defined(my $name = <STDIN>)) {
  chomp $name;
  my $all = '';
  if (open my $ns, '<', "/run/netns/$name") {
    if (enter($ns)) {
      my $there = socket my $socket, 16, 3, 0;
      for (@questions) {
        $there &&= ask($socket, \\$all, @$_);
      }
      $all = '' if !$there;
      enter($own) or exit 1;
    }
  }
  my $answer = pack('N', length $all) . $all;
  for (my $at = 0; $at < length $answer;) {
    $at += syswrite(STDOUT, $answer, length($answer) - $at, $at) || exit 1;
  }
}
`;
