import { expect } from 'vitest';
import type { OwnTestbed } from './own-testbed.ts';
import { addressesSettled, stateQuestions } from './state-questions.ts';

const mark = '== ';
const questions = Object.entries(stateQuestions).map(([name, command]) => `echo "${mark}${name}"; ${command}`);
const script = [addressesSettled, ...questions];

/** All of a host's network that labs change; two of them are equal when a lab has left nothing there. */
async function hostState(testbed: OwnTestbed, host: string): Promise<Readonly<Record<string, string>>> {
  const { stdout, code, stderr } = await testbed.on(host, `${script.join('; ')}; true`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const sections = stdout.split(/^== /m).slice(1);
  const state = Object.fromEntries(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
  );
  expect(Object.keys(state)).toEqual(Object.keys(stateQuestions));
  expect(state.sysctls).toMatch(/^\/proc\/sys\/net\/ipv4\/conf\/ens34\/rp_filter:\d$/m);
  return state;
}

export async function hostStates(testbed: OwnTestbed): Promise<Readonly<Record<string, unknown>>> {
  const [vm01, vm02] = await Promise.all([hostState(testbed, 'vm01'), hostState(testbed, 'vm02')]);
  return { vm01, vm02 };
}
