import { linkOf, neighbourState, placeText } from '../seen/facts.ts';
import { duplicates } from '../way/duplicates.ts';
import { defineCause, type Finding, foundAt } from './cause.ts';

export const cause = defineCause({
  name: 'duplicate-address',
  summary: 'Several namespaces that hear each other have the address of the next hop.',
  find: (evidence) =>
    duplicates(evidence).map(({ index, stage, dev, nextHop, sender, holders }): Finding => {
      const mac = sender?.neighbours.find((entry) => entry.dev === dev && entry.address === nextHop)?.mac;
      const owner = holders.find((holder) => mac !== undefined && linkOf(holder.place, holder.dev)?.mac === mac);
      const list = holders.map((holder) => `${placeText(holder.place)} (${holder.dev})`).join(' and ');
      const asks = neighbourState(sender, dev, nextHop);
      return {
        ...foundAt({ index, stage, dev }, 'likely'),
        sentence: `${list} both have ${nextHop}, and ${placeText(stage)} hears them both on ${dev}${owner ? `: it sends to ${placeText(owner.place)} now` : ''}.`,
        proof: [
          ...holders.map(
            (holder) => `ip address in ${placeText(holder.place)}: ${nextHop}/${holder.prefix} on ${holder.dev}`,
          ),
          ...(mac === undefined || asks === 'silent'
            ? []
            : [`ip neighbour in ${placeText(stage)}: ${nextHop} is at ${mac}`]),
        ],
      };
    }),
});
