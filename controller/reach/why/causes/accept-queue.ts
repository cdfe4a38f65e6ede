import { count } from '../../../report/format.ts';
import { grownBy, placeOf, placeText } from '../seen/facts.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

const any = new Set(['0.0.0.0', '::', '*']);

export const cause = defineCause({
  name: 'accept-queue',
  summary: 'The program that listens takes no connections: as many as may wait already do.',
  find: (evidence) =>
    evidence.stages.flatMap((stage, index): readonly Finding[] => {
      const { question } = evidence;
      const { direction, lookup, to } = stage;
      const goal = stage.port ?? question.port;
      if (question.protocol !== 'tcp' || direction !== 'request' || lookup.type !== 'local') return [];
      const place = placeOf(evidence, stage);
      const socket = place?.sockets?.find(
        ({ protocol, port, address }) => protocol === 'tcp' && port === goal && (any.has(address) || address === to),
      );
      const { waiting, backlog } = socket ?? {};
      // The kernel lets one more in than the program allows (sk_acceptq_is_full).
      if (waiting === undefined || backlog === undefined || waiting <= backlog) return [];
      const overflowed = grownBy(place, 'TcpExt.ListenOverflows');
      return [
        {
          ...foundAt({ index, stage, dev: stage.iif }, overflowed > 0 ? 'certain' : 'likely'),
          sentence: `The program on tcp port ${goal} of ${placeText(stage)} takes no connections: ${count(waiting, 'connection')} wait for it, and it allows ${backlog}; the kernel drops further ones.`,
          proof: [
            `ss -lt in ${placeText(stage)}: Recv-Q ${waiting}, Send-Q ${backlog}`,
            ...(overflowed > 0 ? [`TcpExt ListenOverflows grew by ${overflowed}`] : []),
          ],
          beware: 'A larger backlog only puts it off where the program is stuck.',
        },
      ];
    }),
});
