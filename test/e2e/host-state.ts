import { expect } from 'vitest';
import type { OwnTestbed } from './own-testbed.ts';

/** What a lab may change on a host, each as its tool prints it. */
const questions: Readonly<Record<string, string>> = {
  links: 'ip -j -d link',
  addresses: 'ip -j -d address',
  routes: 'ip -j -d route show table all',
  routes6: 'ip -j -d -6 route show table all',
  rules: 'ip -j -d rule',
  rules6: 'ip -j -d -6 rule',
  neighbours: 'ip -j neighbour show nud permanent',
  namespaces: 'ls -A /run/netns 2>/dev/null',
  sysctls: `find /proc/sys/net -type f -perm -u=r -exec grep -H '' {} + 2>/dev/null | sort`,
};

const mark = '== ';
// A link's own IPv6 address is checked for a second or two before its routes are there.
const settled = 'timeout 10 sh -c "while ip -6 address | grep -q tentative; do sleep 0.2; done"';
const script = [settled, ...Object.entries(questions).map(([name, command]) => `echo "${mark}${name}"; ${command}`)];

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
  expect(Object.keys(state)).toEqual(Object.keys(questions));
  expect(state.sysctls).toMatch(/^\/proc\/sys\/net\/ipv4\/conf\/ens34\/rp_filter:\d$/m);
  return state;
}

export async function hostStates(testbed: OwnTestbed): Promise<Readonly<Record<string, unknown>>> {
  const [vm01, vm02] = await Promise.all([hostState(testbed, 'vm01'), hostState(testbed, 'vm02')]);
  return { vm01, vm02 };
}
