import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../controller/connect/bootstrap/bootstrap.ts';
import { parseAgent, parseFacts } from '../../controller/connect/bootstrap/host-facts.ts';
import { LineReader } from '../../controller/connect/bootstrap/line-reader.ts';
import { createAuthority, mint } from '../../controller/connect/trust/authority.ts';

const hash = 'a'.repeat(64);

describe('facts of a host', () => {
  it('are what the script says', async () => {
    const authority = await createAuthority('test');
    const leaf = await mint(authority, 'server', 'vm01.agent.orch');
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const facts = parseFacts([
      'os Linux',
      'arch x86_64',
      'libc glibc',
      'glibc glibc 2.36',
      'node v20.20.2 /usr/bin/node',
      `runtime ${hash}`,
      'runtime ../../etc',
      'bundle present',
      'clock 1700000000',
      'free 2048',
      `certificate ${base64(leaf.certificate + authority.certificate)}`,
      `trust ${base64(authority.certificate)}`,
      'systemd present',
      `agent {"pid": 7, "port": 7411, "bundle": "${hash}", "version": "0.1.0"}`,
    ]);
    expect(facts).toEqual({
      os: 'Linux',
      arch: 'x86_64',
      libc: 'glibc',
      glibcMinor: 36,
      node: { major: 20, path: '/usr/bin/node' },
      runtimes: [hash],
      bundlePresent: true,
      installed: false,
      clockMs: 1_700_000_000_000,
      freeBytes: 2048 * 1024,
      certificates: [leaf.certificate, authority.certificate],
      trusted: [authority.certificate],
      systemd: true,
      service: false,
      agent: { pid: 7, port: 7411, bundle: hash },
    });
  });

  it.each([
    ['node  /usr/bin/node'],
    ['glibc 2.36'],
    ['glibc glibc 2.x'],
    ['node v20.1.0 /opt/my node/bin/node'],
    ['node v20.1.0 $(reboot)'],
    ['agent {"pid": 7'],
    ['agent null'],
    ['agent {"pid": 7, "port": 70000, "bundle": "x"}'],
    ['certificate ????'],
    ['free -'],
  ])('that are malformed count as not said: %s', (line) => {
    expect(parseFacts([line])).toEqual(parseFacts([]));
  });

  it('may be any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (lines, json) => {
        parseFacts(lines);
        expect(parseAgent(json)).toBeUndefined();
      }),
    );
  });
});

describe('LineReader', () => {
  it('reads the same lines however the bytes are cut, and gives back the rest', async () => {
    const line = fc.stringMatching(/^[ -~]{0,20}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 7 }), async (lines, cut) => {
        const stream = new PassThrough();
        const reader = new LineReader(stream);
        const bytes = Buffer.from(`${lines.join('\n')}\nrest`);
        for (let at = 0; at < bytes.length; at += cut) stream.write(bytes.subarray(at, at + cut));
        const read: string[] = [];
        while (read.length < lines.length) read.push(await reader.next());
        expect(read).toEqual(lines);
        await new Promise((resolve) => setImmediate(resolve));
        reader.release();
        stream.end();
        const rest: Buffer[] = [];
        for await (const chunk of stream) rest.push(chunk);
        expect(Buffer.concat(rest).toString()).toBe('rest');
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a line without end', 'x'.repeat(70_000)],
    ['more than a bootstrap has to say', 'x\n'.repeat(600_000)],
  ])('does not take %s', async (_name, text) => {
    const stream = new PassThrough();
    const reader = new LineReader(stream);
    stream.end(text);
    const all = async () => {
      for (;;) await reader.next();
    };
    await expect(all()).rejects.toThrow('the host says');
  });
});

it('knows a host’s certificate by its name, issued here or elsewhere: another host’s is replaced', async () => {
  const [ours, theirs] = await Promise.all([createAuthority('here'), createAuthority('there')]);
  const client = await mint(ours, 'client', 'controller.orch');
  const input = {
    agentName: 'vm01.agent.orch',
    identity: { authority: ours, client },
    bundle: { hash, files: async () => [], compiled: async () => undefined, firstStart: async () => '' },
  };
  const freshOf = async (authority: typeof ours, name: string, lifeMs?: number) => {
    const leaf = await mint(authority, 'server', name, lifeMs);
    const shown = Buffer.from(leaf.certificate + authority.certificate).toString('base64');
    return judge(parseFacts([`certificate ${shown}`]), input).fresh;
  };
  expect(await freshOf(ours, 'vm01.agent.orch')).toBe(true);
  expect(await freshOf(theirs, 'vm01.agent.orch')).toBe(true);
  expect(await freshOf(ours, 'vm02.agent.orch')).toBe(false);
  expect(await freshOf(ours, 'vm01.agent.orch', 3_600_000)).toBe(false);
});
