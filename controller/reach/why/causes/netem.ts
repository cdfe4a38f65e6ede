import { dropsOf, placeText, wasPassed } from '../seen/facts.ts';
import { type Crossing, crossings } from '../way/crossings.ts';
import { likelyPercent, type Netem, netemOf } from '../way/netem.ts';
import { defineCause, type Finding, foundAt, mend, task } from './cause.ts';

type Impaired = Crossing & Netem;

/** The devices of the way whose packets netem holds back or loses. */
function impaired(all: readonly Crossing[]): readonly Impaired[] {
  return all
    .filter(({ goes }) => goes === 'out')
    .flatMap((crossing) =>
      netemOf({ place: crossing.place, dev: crossing.link.name }).map((netem) => ({ ...crossing, ...netem })),
    );
}

export const cause = defineCause({
  name: 'netem',
  summary: 'netem loses the packets of a device on the way, or holds them back for longer than the probe waits.',
  find: (evidence) => {
    const { timeoutMs } = evidence.question;
    const netems = impaired(crossings(evidence));
    const whole = netems.reduce((sum, { delayMs }) => sum + delayMs, 0);
    const slowest = whole > timeoutMs ? netems.toSorted((one, other) => other.delayMs - one.delayMs)[0] : undefined;
    return netems.flatMap((netem): readonly Finding[] => {
      const { place, link, index, stage, loss, delayMs } = netem;
      const dropped = dropsOf(evidence).some(
        ({ host, netns, dev, location }) =>
          host === place.host && netns === place.netns && dev === link.name && location.startsWith('netem'),
      );
      const loses = loss >= likelyPercent && (dropped || !wasPassed(evidence, index));
      if (!loses && netem !== slowest) return [];
      const what = loses
        ? `loses ${loss} % of what leaves by ${link.name} of ${placeText(place)}`
        : `holds what leaves by ${link.name} of ${placeText(place)} back for ${delayMs} ms${whole === delayMs ? '' : ` (${whole} ms on the whole way)`}, and the answer was waited for ${timeoutMs} ms`;
      return [
        {
          ...foundAt({ index, stage, place, dev: link.name }, dropped ? 'certain' : 'likely'),
          sentence: `netem ${what}.`,
          proof: [
            `tc qdisc show dev ${link.name} in ${placeText(place)}: netem${delayMs > 0 ? ` delay ${delayMs}ms` : ''}${loss > 0 ? ` loss ${loss}%` : ''}`,
          ],
          ...(loses ? {} : { beware: `--probe-timeout waits longer for the answer.` }),
          mend: mend(place.host, task(`Heal ${link.name}`, 'impair', { dev: link.name, state: 'absent' }, place.netns)),
        },
      ];
    });
  },
});
