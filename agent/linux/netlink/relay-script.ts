/**
 * A program of perl, which every Debian has (perl-base), that needs no module. For each line it enters the network namespace
 * that the line names, by setns(2), and writes what the kernel answers there, after the length of that (32 bits, big end
 * first). A line is a request for a change in hexadecimal, or "-" for none, a blank, and the name. The answers are those to the
 * request, and to dumps of links, addresses and routes; the first alone where a dump failed. Nothing: there is no such
 * namespace, or the change was refused, or it could not be read. Who asked, which messages name (nlmsg_pid), is left out, so that
 * the same answer is the same text. In between it is in its first namespace, and keeps no other
 * alive. Its arguments are setns's number (it ends where that is not what it does) and the most bytes that it answers with.
 */
export const relayScript = `
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
  my ($socket, $request) = @_;
  my $all = '';
  send $socket, $request, 0 or return;
  while (1) {
    defined recv $socket, my $part, 65536, 0 or return;
    return if length($all) + length $part > $most;
    for (my $at = 0; $at + 16 <= length $part;) {
      my ($length, $kind) = unpack 'LS', substr $part, $at, 6;
      substr $part, $at + 12, 4, pack 'x4';
      return $all . $part if $kind == 3;
      return unpack('l', substr $part, $at + 16, 4) == 0 ? $all . $part : undef if $kind == 2;
      return if $length < 16;
      $at += ($length + 3) & ~3;
    }
    $all .= $part;
  }
}

sub dump_of {
  my ($type, $body) = @_;
  return pack('LSSLL', 16 + length $body, $type, 0x301, 1, 0) . $body;
}

my @dumps = (dump_of(18, pack('x16 SSL', 8, 29, 9)), dump_of(22, pack 'x8'), dump_of(26, pack 'x12'));

sub talk {
  my ($socket, $change) = @_;
  my $done = '';
  if ($change ne '-') {
    $done = ask($socket, pack 'H*', $change);
    return '' if !defined $done;
  }
  my $all = $done;
  for (@dumps) {
    my $part = ask($socket, $_);
    return $done if !defined $part || length($all .= $part) > $most;
  }
  return $all;
}

while (defined(my $line = <STDIN>)) {
  chomp $line;
  my ($change, $name) = split / /, $line, 2;
  my $all = '';
  if (open my $ns, '<', "/run/netns/$name") {
    if (enter($ns)) {
      my $there = socket my $socket, 16, 3, 0;
      $all = talk($socket, $change) if $there;
      enter($own) or exit 1;
    }
  }
  my $answer = pack('N', length $all) . $all;
  for (my $at = 0; $at < length $answer;) {
    $at += syswrite(STDOUT, $answer, length($answer) - $at, $at) || exit 1;
  }
}
`;
