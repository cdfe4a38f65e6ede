import { Duplex, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { answeredSudo, shellBanner } from '../../controller/connect/answered-sudo.ts';
import { becomePrompt } from '../../controller/connect/bootstrap/bootstrap-script.ts';

/** What a person sees of what the host says, in pieces, and what the host hears. */
async function talk(pieces: readonly string[]): Promise<{ seen: string; heard: string }> {
  let heard = '';
  const left = pieces.map((piece) => Buffer.from(piece));
  const channel = new Duplex({
    read() {
      setImmediate(() => this.push(left.shift() ?? null));
    },
    write(chunk, _encoding, done) {
      heard += String(chunk);
      done();
    },
  });
  const output: Readable = answeredSudo(channel, async () => 'geheim');
  return { seen: await text(output), heard };
}

test.each([
  ['sudo is answered once', [`Hi\r\n${becomePrompt}`, '\r\n', `${shellBanner}# `], 'Hi\r\n\r\n# ', 'geheim\n'],
  ['in pieces of one byte', [...`ö${becomePrompt}\r\n${shellBanner}# orch`], 'ö\r\n# orch', 'geheim\n'],
  ['a second question is the person’s', [becomePrompt, `no\r\n${becomePrompt}`], `no\r\n${becomePrompt}`, 'geheim\n'],
  [
    'sudo that asks nothing is not answered later',
    [shellBanner, `# cat log\r\n${becomePrompt}`],
    `# cat log\r\n${becomePrompt}`,
    '',
  ],
  ['nor in one piece', [`${shellBanner}# ${becomePrompt}`], `# ${becomePrompt}`, ''],
  ['what ends early is seen to its end', ['no such orch-'], 'no such orch-', ''],
])('%s', async (_name, pieces, seen, heard) => {
  expect(await talk(pieces)).toEqual({ seen, heard });
});
