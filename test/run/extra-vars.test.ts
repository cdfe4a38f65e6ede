import { homedir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { readExtraVars } from '../../controller/run/input/extra-vars.ts';

describe('-e', () => {
  it.each([
    [['a=1 b="two words"'], { a: '1', b: 'two words' }],
    [['{"a": 1, "b": [true]}'], { a: 1, b: [true] }],
    [['a=1', 'a=2'], { a: '2' }],
    [["a=1 and b='x # y' # c=3"], { a: '1', b: 'x # y', c: '3' }],
    [["a=it\\'s b='it\\'s c'"], { a: "it's", b: "it's c" }],
    [[' '], {}],
    [[], {}],
  ])('%j', (options, expected) => {
    const { vars, errors } = readExtraVars(options);
    expect(errors).toEqual([]);
    expect(Object.fromEntries([...vars].map(([name, { value }]) => [name, value]))).toEqual(expected);
  });

  it('a file may be in the home folder', () => {
    vi.stubEnv('CASES', 'no-such');
    const [error] = readExtraVars(['@~/$CASES/vars.yml']).errors;
    expect(error?.summary).toBe(`cannot read "${homedir()}/no-such/vars.yml": there is no such file`);
    vi.unstubAllEnvs();
  });

  it.each([
    ['neither', 'invalid-option'],
    ["a=it's b=1", 'invalid-option'],
    ['@/nowhere/at/all.yml', 'file-not-found'],
    ['{"a": ', 'yaml-syntax'],
  ])('%s is refused', (option, code) => {
    expect(readExtraVars([option]).errors.map((error) => error.code)).toContain(code);
  });
});
