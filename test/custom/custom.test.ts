import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { Host } from '../../agent/linux/host.ts';
import { execute } from '../../agent/linux/programs/exec.ts';
import { module } from '../../agent/modules/custom-module.ts';
import type { RunResult } from '../../agent/modules/module.ts';
import { moduleResult } from '../../agent/modules/shared/module-output.ts';
import { importsOf } from '../../controller/custom/imports.ts';
import { customParams, customProblem } from '../../controller/custom/pack.ts';
import { CustomModules } from '../../controller/playbook/catalog/custom-modules.ts';
import { fakeHost, hostAnswers } from '../modules/fake-host.ts';

function cases<T>(file: string): T[] {
  return parse(readFileSync(join(import.meta.dirname, file), 'utf8')) as T[];
}

interface ImportCase {
  readonly says: string;
  readonly text: string;
  readonly within?: string;
  readonly imports: readonly { module: string; names: string[]; optional?: boolean }[];
}

describe('imports of Python', () => {
  it.each(cases<ImportCase>('imports.yml'))('$says', ({ text, within, imports }) => {
    expect(importsOf(text, within)).toEqual(imports.map((one) => ({ optional: false, ...one })));
  });
});

interface OutputCase {
  readonly says: string;
  readonly stdout: string;
  readonly stderr?: string;
  readonly status?: number;
  readonly comes: RunResult;
}

describe('what modules print', () => {
  it.each(cases<OutputCase>('output.yml'))('$says', ({ stdout, stderr = '', status = 0, comes }) => {
    expect(moduleResult('m', { status, stdout, stderr, timedOut: false })).toEqual(comes);
  });
});

interface RunCase {
  readonly says: string;
  readonly module: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly check?: boolean;
  /** By language, as variables name them. */
  readonly interpreters?: Readonly<Record<string, string>>;
  readonly comes?: Partial<RunResult>;
  readonly problem?: string;
}

/** Runs programs on this machine, and knows nothing else. */
const here: Host = { ...fakeHost(hostAnswers.parse({})), exec: (command, options) => execute(command, options) };

const library = new CustomModules({ list: (folder) => (folder.includes('test/custom') ? readdirSync(folder) : []) });
const noPython = spawnSync('python3', ['--version']).status !== 0;

it('a module of which a part runs in Ansible itself cannot run', () => {
  const halved = library.find('lab.net.halved', { playbookDir: import.meta.dirname });
  expect(halved && customProblem(halved)).toBe(
    'is the part of its module that runs in Ansible itself, which orch cannot run',
  );
});

describe.skipIf(noPython)('modules', () => {
  // Nobody else makes files there.
  const scratch = mkdtempSync(join(tmpdir(), 'orch-custom-'));
  vi.stubEnv('TMPDIR', scratch);
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(scratch, { recursive: true });
  });

  it.each(cases<RunCase>('runs.yml'))(
    '$says',
    async ({ module: name, args = {}, check = false, interpreters = {}, comes, problem }) => {
      const custom = library.find(name, { playbookDir: import.meta.dirname });
      if (custom === undefined) throw new Error(`there is no ${name}`);
      expect(customProblem(custom)).toBe(problem);
      if (comes === undefined) return;
      const interpreter = (language: string) => interpreters[language];
      const call = { name, args, check, diff: false, noLog: false, verbosity: 0, interpreter };
      const params = module.params.parse(customParams(custom, call));
      const context = {
        signal: AbortSignal.timeout(15_000),
        check,
        output: () => undefined,
        apply: async () => undefined,
      };
      expect(await module.run(params, here, context)).toMatchObject(comes);
    },
  );

  it('leave nothing behind', () => {
    expect(readdirSync(scratch)).toEqual([]);
  });
});
