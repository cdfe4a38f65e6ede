import './modules/shared/plain-schemas.ts';
import { parseArgs } from 'node:util';
import { OrchError } from '../proto/errors.ts';
import { protocol, version } from '../proto/version.ts';
import { bridge } from './bridge.ts';
import { asOrchError } from './engine/steps/diagnostic.ts';
import { bundleHash } from './identity.ts';
import { serveFiles } from './linux/user-files/serve-files.ts';
import { type ServeOptions, serve } from './serve.ts';

const usage = `usage: agent.cjs serve [--state DIR] [--run DIR] [--port N|none] [--bind ADDR] [--idle SECONDS] [--service]
       agent.cjs bridge [--run DIR]
       agent.cjs files --ids UID,GID,GROUP...
       agent.cjs version`;

/** Command line of the agent; exit status 1 with one clear line on standard error when it cannot do what it is told. */
async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      state: { type: 'string', default: '/var/lib/orch' },
      run: { type: 'string', default: '/run/orch' },
      port: { type: 'string', default: '7411' },
      bind: { type: 'string' },
      idle: { type: 'string', default: '900' },
      service: { type: 'boolean', default: false },
      ids: { type: 'string', default: '' },
    },
  });
  const [command, ...rest] = positionals;
  if (rest.length > 0) throw wrong(`unexpected ${rest.join(' ')}`);
  switch (command) {
    case 'serve': {
      const options: ServeOptions = {
        stateDir: values.state,
        runDir: values.run,
        port: values.port === 'none' ? undefined : whole('port', values.port, 0, 65_535),
        bind: values.bind,
        idleSeconds: whole('idle', values.idle, 1, 31_536_000),
        service: values.service,
      };
      return serve(options);
    }
    case 'bridge':
      return bridge(values.run);
    case 'files':
      return serveFiles(values.ids);
    case 'version':
      process.stdout.write(`${JSON.stringify({ version, protocol, bundle: bundleHash() })}\n`);
      return;
    default:
      throw wrong(command === undefined ? 'no command' : `no command ${command}`);
  }
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= from && value <= to) return value;
  throw wrong(`--${name} takes a number from ${from} to ${to}, not ${JSON.stringify(text)}`);
}

function wrong(what: string): OrchError {
  return new OrchError({ code: 'invalid-option', summary: what, hint: usage });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { summary, hint } = asOrchError(error);
  process.stderr.write(`orch agent: ${summary}\n${hint === undefined ? '' : `${hint}\n`}`);
  process.exit(1);
});
