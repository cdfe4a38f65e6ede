import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import yargs from 'yargs';
import type { CommandFile } from '../../controller/commands/command.ts';
import { CommandLine } from '../../controller/commands/command-line.ts';
import * as adHoc from '../../controller/commands/do.ts';
import * as inventory from '../../controller/commands/inventory.ts';
import { withPlainWords, wordsAsWritten } from '../../controller/commands/plain-words.ts';
import * as run from '../../controller/commands/run.ts';
import * as vault from '../../controller/commands/vault.ts';

interface Case {
  readonly command: 'run' | 'do' | 'inventory' | 'vault';
  readonly words: readonly string[];
  readonly read?: Readonly<Record<string, unknown>>;
  readonly refused?: string;
}

const cases = parse(readFileSync(join(import.meta.dirname, 'ansible-flags.yml'), 'utf8')) as Case[];
const commands: Readonly<Record<Case['command'], readonly [usage: string, file: CommandFile]>> = {
  run: ['$0 <playbook..>', run],
  do: ['$0 <pattern>', adHoc],
  inventory: ['$0 [group]', inventory],
  vault: ['$0 <action> [args..]', vault],
};

function refuse(message: string): never {
  throw new Error(message);
}

test.each(cases)('$command $words', async ({ command, words, read = {}, refused }) => {
  const [usage, { options, arrange }] = commands[command];
  const given = async () => {
    const line = new CommandLine(options, refuse);
    const parser = yargs([...withPlainWords(line.spellOut(arrange?.(words, line) ?? words))])
      .strict()
      .command(usage, '', options)
      .exitProcess(false)
      .fail(refuse);
    return line.lastGiven(wordsAsWritten(await parser.parseAsync()));
  };
  if (refused === undefined) expect(await given()).toMatchObject(read);
  else await expect(given()).rejects.toThrow(refused);
});

test('what two options begin with means neither', () => {
  const words = ['--con', '--list', '--ch', '--no-why', '--nothing', '--', '--syn'];
  expect(new CommandLine(run.options, refuse).spellOut(words)).toEqual([
    '--con',
    '--list',
    '--check',
    '--no-why',
    '--nothing',
    '--',
    '--syn',
  ]);
});

test('a password is asked for, or in a file', async () => {
  const parse = async (words: readonly string[]) =>
    yargs([...words])
      .command('$0 <pattern>', '', adHoc.options)
      .exitProcess(false)
      .fail((message) => {
        throw new Error(message);
      })
      .parseAsync();
  await expect(parse(['all', '-K', '--become-pass-file', 'f'])).rejects.toThrow('mutually exclusive');
  await expect(parse(['all', '-J', '--vault-pass-file', 'f'])).rejects.toThrow('mutually exclusive');
  await expect(parse(['all', '-k', '--connection-password-file', 'f'])).rejects.toThrow('mutually exclusive');
});
