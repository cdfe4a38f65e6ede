import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { agentPaths } from '../../controller/connect/agent-paths.ts';
import { oldestNode } from '../../controller/connect/bootstrap/runtime.ts';
import { directMs } from '../../controller/connect/dial.ts';

it('docs/connecting.md says what the code does', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/connecting.md'), 'utf8');
  const { state, run, port } = agentPaths;
  for (const fact of [
    `\`${state}/agent/<sha256>/agent.cjs\``,
    `\`${run}/\``,
    `**The agent's port** (${port},`,
    `within ${directMs({ timeoutMs: 10_000 }) / 1000} s`,
    `none from ${oldestNode} on`,
  ]) {
    expect(page).toContain(fact);
  }
});
