import * as z from 'zod';
import { defineRunModule } from './module.ts';

/** A word that getent(1) cannot take for an option. */
const word = z.string().regex(/^[^-\0][^\0]*$/, 'is no word that getent takes');

/** Databases whose fields are separated by colons. */
const colons = ['passwd', 'shadow', 'group', 'gshadow'];

/** getent(1)'s exit statuses. */
const failures: Readonly<Record<number, string>> = {
  1: 'Missing arguments, or database unknown.',
  2: 'One or more supplied key could not be found in the database.',
  3: 'Enumeration not supported on this database.',
};

/** Fields by the first one; entries of one name are a list of them. */
function entriesOf(text: string, split: string | undefined): Readonly<Record<string, unknown>> {
  const found = new Map<string, string[][]>();
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [name = '', ...fields] = split === undefined ? line.trim().split(/\s+/) : line.split(split);
    found.set(name, [...(found.get(name) ?? []), fields]);
  }
  return Object.fromEntries([...found].map(([name, all]) => [name, all.length === 1 ? all[0] : all]));
}

export const module = defineRunModule({
  name: 'getent',
  form: 'run',
  checkMode: 'run',
  summary: 'Asks a database of the host: passwd, group, hosts, services ...',
  notes: 'The fact `getent_<database>` has the fields of each entry by its name.',
  examples: ['getent:\n  database: passwd\n  key: root', 'getent:\n  database: hosts\n  key: vm02\n  fail_key: false'],
  params: z.strictObject({
    database: word.describe('The database, as in nsswitch.conf.'),
    key: word.optional().describe('The entry; default: all.'),
    service: word.optional().describe('Only ask this service of the name service switch.'),
    split: z.string().min(1).optional().describe('What stands between fields; default: a colon, or blanks.'),
    fail_key: z.boolean().default(true).describe('Fail where there is no such entry.'),
  }),
  async run({ database, key, service, split, fail_key }, host) {
    const argv = [
      'getent',
      database,
      ...(key === undefined ? [] : [key]),
      ...(service === undefined ? [] : ['-s', service]),
    ];
    const { status, stdout } = await host.exec({ argv }, { onlyReads: true });
    const name = `getent_${database}`;
    if (status === 0) {
      const entries = entriesOf(stdout, split ?? (colons.includes(database) ? ':' : undefined));
      return { changed: false, result: { ansible_facts: { [name]: entries } } };
    }
    const message = failures[status ?? 0] ?? 'Unexpected failure!';
    if (status === 2 && key !== undefined && !fail_key) {
      return { changed: false, message, result: { ansible_facts: { [name]: { [key]: null } } } };
    }
    return { changed: false, failed: true, message, result: {} };
  },
});
