import { holdersOf, placeText } from '../seen/facts.ts';
import { defineCause } from './cause.ts';

export const cause = defineCause({
  name: 'source-address',
  summary: 'The probe was to leave from an address that its namespace does not have.',
  find: (evidence) => {
    const { question, stages, probe } = evidence;
    const from = stages[0]?.from ?? probe.from;
    const place = evidence.places.find(({ host, netns }) => host === question.host && netns === question.netns);
    if (from === '' || place === undefined || place.addresses.some(({ address }) => address === from)) return [];
    const elsewhere = holdersOf(evidence, from).map((holder) => `${placeText(holder.place)} (${holder.dev})`);
    return [
      {
        stage: 0,
        confidence: probe.outcome === 'error' || stages[0]?.lookup.refusal !== undefined ? 'certain' : 'likely',
        host: question.host,
        netns: question.netns,
        direction: 'request',
        sentence: `${placeText(question)} does not have the address ${from} to send from${elsewhere.length > 0 ? `; ${elsewhere.join(', ')} has it` : ''}.`,
        proof: [
          `its addresses: ${place.addresses.map(({ address, dev }) => `${address} (${dev})`).join(', ') || 'none'}`,
          ...(probe.text === '' ? [] : [`the probe: ${probe.text}`]),
        ],
      },
    ];
  },
});
