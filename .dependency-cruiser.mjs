/** Imports run one way: the way of the data (ARCHITECTURE.md). */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(agent|controller|proto|test|bench|scripts)/', pathNot: allowed },
});

/** Folders of a folder from the lowest to the highest: each knows those below it, and what is `shared`. */
const layers = (folder, names, shared = '$^') =>
  names.map((name, at) => ({
    name: `${folder}: ${name}-knows-what-is-below`,
    severity: 'error',
    from: { path: `^${folder}/${name}/` },
    to: { path: `^${folder}/`, pathNot: `^${folder}/((${names.slice(0, at + 1).join('|')})/|${shared})` },
  }));

const io = '^(node:)?(fs|fs/promises|net|tls|http|https|http2|child_process|dgram|dns|worker_threads)$';

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('proto-is-a-leaf', '^proto/', '^proto/', 'The contract knows neither side.'),
    only('linux-is-lowest', '^agent/linux/', '^(proto|agent/linux)/', 'The kernel layer serves, it asks nobody.'),
    only(
      'modules-over-linux',
      '^agent/modules/',
      '^(proto|agent/linux|agent/modules)/',
      'A module knows the host, not who runs it.',
    ),
    only(
      'engine-over-modules',
      '^agent/engine/',
      '^(proto|agent/linux|agent/modules|agent/engine)/',
      'The engine knows no transport.',
    ),
    only('agent-knows-no-controller', '^agent/', '^(proto|agent)/', 'The agent is shipped alone.'),
    only(
      'controller-knows-modules-only',
      '^controller/',
      '^(proto|controller|agent/modules)/',
      'Schemas and docs, nothing else of the agent.',
    ),
    ...layers('agent/engine', [
      'disk',
      'steps',
      'observe',
      'snapshot',
      'losses',
      'books',
      'check',
      'undo',
      'confirm',
      'run',
    ]),
    ...layers(
      'agent/linux',
      ['programs', 'ip', 'files', 'web', 'daemons', 'netlink', 'trace', 'user-files'],
      '(host|action)\\.ts$',
    ),
    ...layers('controller/reach/why', ['seen', 'way', 'read'], 'causes/cause\\.ts$'),
    ...layers('controller/playbook', ['catalog', 'values', 'keywords', 'plays', 'parse'], 'types\\.ts$'),
    {
      name: 'ssh2-in-connect-only',
      severity: 'error',
      from: { pathNot: '^(controller/connect|test|bench)/' },
      to: { path: 'node_modules/ssh2' },
    },
    {
      name: 'kernel-in-linux-only',
      comment: 'Modules and engine reach the kernel through Host.',
      severity: 'error',
      from: {
        path: '^agent/(modules|engine)/',
        pathNot: '^agent/engine/(disk|books)/|^agent/engine/confirm/checkpoint',
      },
      to: { path: io },
    },
    {
      name: 'pure-stages',
      comment: 'Text to plays and results to reports are functions of their arguments.',
      severity: 'error',
      from: { path: '^controller/(playbook|report|template)/' },
      to: { path: io },
    },
    only(
      'report-stays-pure',
      '^controller/report/',
      '^(proto/|controller/report/|controller/template/(python/atom|python/integer|yaml/yaml-dump)\\.ts$)',
      'A report is a function of its events, whose values may be floats, long numbers and dates; they may be written as YAML.',
    ),
    only(
      'template-knows-data-only',
      '^controller/template/',
      '^(proto/|controller/template/|controller/vault/cipher\\.ts$)',
      'Templates see plain data.',
    ),
    {
      name: 'values-know-no-rendering',
      comment: 'What values mean, and what a text says, is the same whoever renders it.',
      severity: 'error',
      from: { path: '^controller/template/(parse|python|yaml|formats)/' },
      to: { path: '^controller/template/render/' },
    },
    only(
      'playbook-knows-source',
      '^controller/playbook/',
      '^(proto|controller/(playbook|source|template))/',
      'Parsing needs text and positions; modules come in as a catalog.',
    ),
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(agent|controller|proto)/' },
      to: { path: '^(test|bench|scripts)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: 'proto/gen/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
