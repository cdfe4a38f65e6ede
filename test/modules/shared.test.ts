import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modeFrom } from '../../agent/modules/shared/files/mode.ts';
import { cidrText, formatIp, networkOf, parseCidr, parseIp } from '../../agent/modules/shared/ip-address.ts';
import { lineEnds } from '../../agent/modules/shared/line-ends.ts';
import { linkNameProblem } from '../../agent/modules/shared/names.ts';
import { deltaText } from '../../agent/modules/shared/run-command.ts';
import { behindFirst, shellWords } from '../../agent/modules/shared/shell-words.ts';
import { effectiveValue, sysctlPath } from '../../agent/modules/shared/sysctl.ts';

describe('addresses', () => {
  it.each([
    ['FD00:0:0:0:0:0:0:1', 'fd00::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::', '::'],
    ['1:2:3:4:5:6:0:8', '1:2:3:4:5:6:0:8'],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
    ['10.0.0.1', '10.0.0.1'],
  ])('%s is spelled %s', (text, spelled) => {
    const ip = parseIp(text);
    expect(ip && formatIp(ip)).toBe(spelled);
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.256',
    '10.0.0.01',
    '::1::',
    '1:2:3',
    '1:2:3:4:5:6:7:8:9',
    'g::',
    '10.0.0.1:',
    ':1',
    '1.2.3.4::',
  ])('%s is none', (text) => expect(parseIp(text)).toBeUndefined());

  it('spells every address so that it reads the same', () => {
    const v6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ family: 6 as const, value }));
    const v4 = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ({ family: 4 as const, value }));
    fc.assert(fc.property(fc.oneof(v4, v6), (ip) => void expect(parseIp(formatIp(ip))).toEqual(ip)));
  });

  it('never throws on text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseCidr(text)));
  });

  it('clears host bits', () => {
    const network = (text: string) => {
      const cidr = parseCidr(text);
      return cidr && cidrText(networkOf(cidr));
    };
    expect(network('172.16.91.101/24')).toBe('172.16.91.0/24');
    expect(network('fd00::ffff/112')).toBe('fd00::/112');
    expect(network('10.0.0.1/0')).toBe('0.0.0.0/0');
    expect(network('10.0.0.1/33')).toBeUndefined();
  });

  it.each([Number.NaN, -1, 0.5, 33, 2 ** 40])('have no network of a length that is none: %s', (prefix) => {
    const cidr = { family: 4, address: '10.0.0.1', prefix } as const;
    expect(networkOf(cidr)).toEqual(cidr);
  });
});

it('takes link names as the kernel does', () => {
  expect(['eth0', 'a'.repeat(15), "$(id)'", 'ä'.repeat(7)].map(linkNameProblem)).toEqual(Array(4).fill(undefined));
  for (const name of ['', '.', '..', 'a/b', 'a:b', 'a%d', 'a b', 'a\n', 'ä'.repeat(8)]) {
    expect(linkNameProblem(name), name).toBeDefined();
  }
});

it('reads sysctl names as sysctl(8) does', () => {
  expect(sysctlPath('net.ipv4.conf.eth0/5.rp_filter')).toBe('net/ipv4/conf/eth0.5/rp_filter');
  expect(sysctlPath('net/ipv4/conf/eth0.5/rp_filter')).toBe('net/ipv4/conf/eth0.5/rp_filter');
});

it('combines two sysctls as the kernel does', () => {
  const pairs = [
    [0, 0],
    [0, 2],
    [1, 0],
    [1, 2],
  ] as const;
  expect(pairs.map(([all, dev]) => effectiveValue('max', all, dev))).toEqual([0, 2, 1, 2]);
  expect(pairs.map(([all, dev]) => effectiveValue('or', all, dev))).toEqual([0, 1, 1, 1]);
  expect(pairs.map(([all, dev]) => effectiveValue('and', all, dev))).toEqual([0, 0, 0, 1]);
});

it('reads modes as chmod does', () => {
  const mode = (text: string | number, present = 0o644, directory = false) =>
    modeFrom(text, present, directory).toString(8);
  expect(mode('0755')).toBe('755');
  expect(mode('0o2750')).toBe('2750');
  expect(mode('u+x')).toBe('744');
  expect(mode('a=rX')).toBe('444');
  expect(mode('a=rX', 0o600, true)).toBe('555');
  expect(mode('ug+s,o+t', 0o755)).toBe('7755');
  expect(mode('u=rw,go=')).toBe('600');
  expect(mode('+x')).toBe('755');
  // What is said of nobody in particular keeps to the umask.
  expect(mode('+w', 0o444)).toBe('644');
  expect(mode('=rw', 0o755)).toBe('644');
  expect(mode('-w', 0o666)).toBe('466');
  expect(mode('a+w', 0o444)).toBe('666');
  expect(mode('+g', 0o460)).toBe('666');
  expect(mode('g=u,o+g', 0o750)).toBe('777');
  expect(mode('o=g', 0o1757)).toBe('755');
  expect(mode('u-t,g+t,g=u', 0o1750)).toBe('1770');
  expect(mode('u=rw,g=u', 0o700)).toBe('660');
});

describe('words of a command line', () => {
  it('are those of a shell', () => {
    expect(shellWords(`a 'b c'd "e\\"f\\n" \\g '' $x`)).toEqual(['a', 'b cd', 'e"f\\n', 'g', '', '$x']);
    expect(shellWords('"a\\$" "\\`" "b\\\nc" "\\\\\\""')).toEqual(['a\\$', '\\`', 'b\\\nc', '\\"']);
    expect(shellWords('a "b')).toBeUndefined();
    expect(shellWords('a \\')).toBeUndefined();
    expect(behindFirst(` 'a b'"c"\\ d  $x > 'y'\n`)).toBe("  $x > 'y'\n");
    expect(behindFirst('a')).toBe('');
  });

  it('come back from quotes as they were', () => {
    const quoted = (words: string[]) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    fc.assert(fc.property(fc.array(fc.string()), (words) => void expect(shellWords(quoted(words))).toEqual(words)));
  });
});

it('writes durations as Ansible does', () => {
  expect(deltaText(1.529)).toBe('0:00:00.001529');
  expect(deltaText(3_723_000)).toBe('1:02:03.000000');
});

it('takes line ends off an end at once, however many stand elsewhere', () => {
  expect('a\n\nb\r\n\n'.replace(lineEnds, '')).toBe('a\n\nb');
  expect('\n'.replace(lineEnds, '')).toBe('');
  const many = `${'\n'.repeat(4_000_000)}b`;
  expect(`${many}\n`.replace(lineEnds, '').length).toBe(many.length);
});
