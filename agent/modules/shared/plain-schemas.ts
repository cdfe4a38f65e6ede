import { config } from 'zod';

/*
 * A process checks few things by a schema, each once or twice. zod would make a program of every schema first, which takes
 * longer than all of that: a tenth of a warm run's time on the workstation, a third of the first tasks' on a host. To be
 * imported before any schema.
 */
config({ jitless: true });
