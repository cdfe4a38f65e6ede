import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readProgram } from '../../controller/program.ts';

// Evaluating it is seen from outside by what it leaves in the environment.
const source = "process.env.ORCH_TEST_PROGRAM = require('node:path').basename(__filename) + module.exports.length;";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orch-program-'));
  writeFileSync(join(folder, 'main.cjs'), `exports.length = 7;${source}`);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  delete process.env.ORCH_TEST_PROGRAM;
});

function evaluate(cache: Buffer | undefined): string | undefined {
  delete process.env.ORCH_TEST_PROGRAM;
  readProgram(folder, cache).start();
  return process.env.ORCH_TEST_PROGRAM;
}

test('a program starts from its source, and from its compiled form', () => {
  expect(evaluate(undefined)).toBe('main.cjs7');
  expect(evaluate(readProgram(folder, undefined).compiled())).toBe('main.cjs7');
});

test('a compiled form that is none is passed over', () => {
  expect(evaluate(Buffer.from('of another version'))).toBe('main.cjs7');
});
