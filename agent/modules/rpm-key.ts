import * as z from 'zod';
import type { Host } from '../linux/host.ts';
import { defineRunModule, type RunContext, type RunResult } from './module.ts';
import { downloadedKey, fingerprintsIn, idsIn, keyRecords } from './shared/openpgp.ts';
import { answerOf, ask, taskFailed } from './shared/programs.ts';

const params = z.strictObject({
  key: z
    .string()
    .min(1)
    .describe('Where the key is: a URL or a file of the host; or its id, which says no more than which key.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether rpm trusts the key.'),
  fingerprint: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe('Fingerprints that the key must have to be imported, with blanks or without.'),
  validate_certs: z.boolean().default(true).describe('Check the certificate of the server of a URL.'),
});

type Params = z.infer<typeof params>;

/** A key as the task gives it: its content, or no more than its id. */
type Given = { readonly text: string } | { readonly file: string } | { readonly id: string };

async function givenKey({ key, validate_certs }: Params, host: Host): Promise<Given> {
  if (key.includes('://')) return { text: await downloadedKey(host, key, validate_certs) };
  const [, id] = /^(?:0x)?([0-9a-f]{8,})$/i.exec(key.trim()) ?? [];
  if (id !== undefined) return { id };
  if ((await host.stat(key))?.kind === 'file') return { file: key };
  throw taskFailed(`Not a valid key ${key}`);
}

/** Ids of the keys that rpm trusts, and of their subkeys. */
async function trusted(host: Host): Promise<readonly string[]> {
  // Its status says that there is none.
  const { status, stdout } = await ask(host, ['rpm', '-q', 'gpg-pubkey', '--qf', '%{description}']);
  return status === 0 ? idsIn((await keyRecords(host, { text: stdout })).records) : [];
}

async function run(given: Params, host: Host, context: RunContext): Promise<RunResult> {
  const key = await givenKey(given, host);
  const shown = 'id' in key ? undefined : await keyRecords(host, key);
  const id = ('id' in key ? key.id : idsIn(shown?.records ?? '')[0])?.toUpperCase().slice(-16);
  if (id === undefined) {
    throw taskFailed('text' in key ? `Not a public key: ${given.key}` : 'Unexpected gpg output', shown?.complaints);
  }
  const present = given.state === 'present';
  if ((await trusted(host)).some((known) => known.endsWith(id)) === present) return { changed: false, result: {} };
  if (present) {
    if ('id' in key) throw taskFailed('When importing a key, a valid file must be given');
    refuseOthers([given.fingerprint ?? []].flat(), fingerprintsIn(shown?.records ?? ''));
  }
  if (!context.check) await (present ? importKey(key, host) : answerOf(host, dropping(id)));
  return { changed: true, result: {} };
}

/** Throws where a key does not have all fingerprints that it must have. */
function refuseOthers(asked: readonly string[], found: readonly string[]): void {
  const wanted = asked.map((fingerprint) => fingerprint.replaceAll(' ', '').toUpperCase());
  if (wanted.every((fingerprint) => found.includes(fingerprint))) return;
  const [said, has] = [wanted, found].map((each) => each.join(', '));
  throw taskFailed(`The specified fingerprint, '${said}', does not match any key fingerprints in '${has}'`);
}

async function importKey(key: Given, host: Host): Promise<void> {
  if ('file' in key) await answerOf(host, ['rpm', '--import', key.file]);
  else if ('text' in key) await answerOf(host, ['sh', '-c', fromInput], { stdin: key.text });
}

/** rpm imports files alone. */
const fromInput = 'file=$(mktemp) || exit; trap \'rm -f -- "$file"\' EXIT; cat > "$file" && rpm --import "$file"';

const dropping = (id: string) => ['rpm', '--erase', '--allmatches', `gpg-pubkey-${id.slice(-8).toLowerCase()}`];

export const module = defineRunModule({
  name: 'rpm_key',
  form: 'run',
  checkMode: 'run',
  summary: 'Has rpm trust a key that packages are signed with, or no longer.',
  notes: 'By rpm(8) and gpg(1). `orch destroy` leaves keys as they are.',
  examples: ['rpm_key:\n  key: https://rpm.example.org/RPM-GPG-KEY', 'rpm_key:\n  key: DEADB33F\n  state: absent'],
  params,
  run,
});
