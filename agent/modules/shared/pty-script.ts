/**
 * A program of perl, which every Debian has (perl-base), that runs another one on a terminal of its own: it copies its standard
 * input there, and what the other one writes to its standard output, and ends with its status. Its arguments are 1 where the
 * terminal is to echo, else 0, and the other program's words. It writes to its standard error where it can't start it. Terminals
 * are made by /dev/ptmx: pts(4), ioctl_tty(2).
 */
export const ptyScript = `
use POSIX ();
my ($echo, @words) = @ARGV;
my $unlock = pack 'i', 0;
my $number = pack 'i', 0;
sysopen my $terminal, '/dev/ptmx', POSIX::O_RDWR() | POSIX::O_NOCTTY() or die "no terminal: $!";
ioctl $terminal, 0x40045431, $unlock or die "no terminal: $!";
ioctl $terminal, 0x80045430, $number or die "no terminal: $!";
my $path = '/dev/pts/' . unpack 'i', $number;

sysopen my $own, $path, POSIX::O_RDWR() | POSIX::O_NOCTTY() or die "no terminal: $!";
my $size = pack 'S4', 24, 80, 0, 0;
ioctl $own, 0x5414, $size;
if (!$echo) {
  my $modes = POSIX::Termios->new;
  $modes->getattr(fileno $own);
  $modes->setlflag($modes->getlflag & ~POSIX::ECHO());
  $modes->setattr(fileno $own, POSIX::TCSANOW());
}

my $pid = fork;
defined $pid or die "no process: $!";
if ($pid == 0) {
  POSIX::setsid();
  ioctl $own, 0x540e, 0;
  open my $told, '>&', \\*STDERR;
  POSIX::dup2(fileno $own, $_) for 0, 1, 2;
  no warnings 'exec';
  exec { $words[0] } @words;
  print $told "$!\\n";
  close $told;
  POSIX::_exit(127);
}

close $own;
$SIG{PIPE} = 'IGNORE';
$SIG{$_} = sub { kill 'KILL', -$pid; exit 143 } for 'HUP', 'INT', 'TERM';
my $input = 1;
while (1) {
  my $ready = '';
  vec($ready, fileno $terminal, 1) = 1;
  vec($ready, 0, 1) = 1 if $input;
  next if select($ready, undef, undef, undef) < 0;
  if (vec $ready, fileno $terminal, 1) {
    # It fails when the last program has left the terminal.
    last if !sysread $terminal, my $part, 65536;
    syswrite STDOUT, $part;
  }
  if ($input && vec $ready, 0, 1) {
    if (sysread STDIN, my $part, 65536) { syswrite $terminal, $part } else { $input = 0 }
  }
}
waitpid $pid, 0;
exit($? & 127 ? 128 + ($? & 127) : $? >> 8);
`;
