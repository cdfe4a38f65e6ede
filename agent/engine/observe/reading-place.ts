import type { IpReply } from '../../linux/host.ts';
import type { Observing } from '../../linux/ip/queries.ts';

/** Where readings are taken. */
export interface ReadingPlace {
  readonly host: Observing;
  readonly netns: string | undefined;
  /** Links of the namespace, with their addresses; asked for once. */
  readonly links: () => Promise<IpReply['rows']>;
}
