/**
 * A program of perl, which every Debian has (perl-base), that needs no module: it calls bpf(2). Its argument is the number of
 * that. A line is how often to call at most (until it fails), the command, the attributes in hexadecimal, and for each buffer
 * where in them its address goes, a colon, and its bytes. The answer is a line: what the last call gave, its error, and the bytes
 * of the last buffer after each call that went well. All that was made goes with this process.
 */
export const bpfScript = `
my $bpf = 0 + shift @ARGV;
exit 1 if length(pack 'P', '') != 8;
$| = 1;
while (defined(my $line = <STDIN>)) {
  chomp $line;
  my ($times, $command, $hex, @places) = split / /, $line;
  my $attributes = pack 'H*', $hex;
  my @buffers;
  for (@places) {
    my ($at, $bytes) = split /:/;
    push @buffers, pack 'H*', $bytes;
    substr($attributes, $at, 8) = pack 'P', $buffers[-1];
  }
  my ($result, $told) = (-1, '');
  while ($times-- > 0) {
    $result = syscall $bpf, 0 + $command, $attributes, length $attributes;
    last if $result < 0;
    $told .= $buffers[-1] if @buffers;
  }
  print $result, ' ', $result < 0 ? 0 + $! : 0, ' ', unpack('H*', $told), "\\n";
}
`;
