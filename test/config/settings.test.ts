import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../../controller/config/settings.ts';
import { errorText } from '../../controller/report/error-text.ts';
import { OrchError } from '../../proto/errors.ts';

interface Case {
  readonly says: string;
  /** All may write to the working folder. */
  readonly isOpen?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly error?: string;
}

const cases = parse(readFileSync(join(import.meta.dirname, 'cases.yml'), 'utf8')) as Case[];
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'orch-config-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Values with the folders of a case under their short names, and null for what is not there. */
function shown(value: unknown): unknown {
  const text = (value === undefined ? 'null' : JSON.stringify(value)).replaceAll(root, '');
  return JSON.parse(text);
}

test.each(cases)('$says', ({ isOpen = false, files = {}, env = {}, settings = {}, error }) => {
  for (const folder of ['w', 'h']) mkdirSync(join(root, folder), { mode: 0o755 });
  if (isOpen) chmodSync(join(root, 'w'), 0o777);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  const around = { env, cwd: join(root, 'w'), home: join(root, 'h') };
  if (error === undefined) {
    const read = readSettings(around);
    const found = Object.keys(settings).map((key) => [key, shown(read[key as keyof typeof read])]);
    expect(Object.fromEntries(found)).toEqual(settings);
    return;
  }
  try {
    readSettings(around);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(OrchError);
    const [line = ''] = errorText(thrown as OrchError).split('\n');
    expect(line.replace(`${root}/`, '')).toBe(error);
  }
});
