import { expect, test } from 'vitest';
import { evidenceSchema } from '../../controller/reach/why/seen/evidence.ts';
import { translations } from '../../controller/reach/why/way/translations.ts';

const chain = { family: 'ip', table: 't', name: 'in', hook: 'input', policy: 'accept' };

/** What is looked for where a stage's host says that the packet came with these. */
function lookedFor(stage: { readonly from: string; readonly to: string; readonly port?: number }) {
  const evidence = evidenceSchema.parse({
    question: { host: 'vm01', to: '10.2.0.2', protocol: 'tcp', port: 80 },
    probe: { from: '10.1.0.2' },
    places: [{ host: 'vm02', nftChains: [chain] }],
    stages: [{ host: 'vm02', lookup: {}, ...stage }],
  });
  return translations(evidence, [{ from: '10.9.0.1', to: '10.2.0.2', port: 80 }]).map(
    ({ from, to, port }) => `${from} ${to} ${port}`,
  );
}

test.each([
  [{ from: '10.2.0.1', to: '10.2.0.2' }, ['10.2.0.1 10.2.0.2 80']],
  [{ from: '10.1.0.2', to: '10.2.0.2', port: 8080 }, ['10.1.0.2 10.2.0.2 8080']],
  // Looked for before.
  [{ from: '10.1.0.2', to: '10.2.0.2' }, []],
  [{ from: '10.9.0.1', to: '10.2.0.2' }, []],
  // What no packet can have.
  [{ from: '10.2.0.1', to: '10.2.0.2;drop' }, []],
  [{ from: '', to: '10.2.0.2' }, []],
  [{ from: 'fd00::1', to: '10.2.0.2' }, []],
  [{ from: 'fd00::1', to: 'fd00::2' }, []],
  [{ from: '10.2.0.1', to: '10.2.0.2', port: 70000 }, []],
])('%o', (stage, found) => expect(lookedFor(stage)).toEqual(found));
