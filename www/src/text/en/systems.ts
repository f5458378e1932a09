/** Words about the systems. */
export const systems = {
  title: 'System',
  graph: '+Graph',
  graphHint: 'Takes the states of the graph network as input, in place of the pair’s own features.',
  graphFixed: 'MoGE and NGCF read the graph anyway; for MLP the paper has no such variant.',
  source: 'Source',
  parameters: (count: string) => `${count} parameters at the default settings`,
  here: (network: string, tables: string) =>
    `This run: ${network}, and ${tables} in the embedding tables.`,
  losses: 'Loss',
  singleTask: 'One network per task, trained apart.',
  esmm: 'By its construction the probability of a purchase is never above that of a favourite, although a purchase needs no favourite.',
  unused: {
    channel: (system: string, channel: string) =>
      `${system} does not read this channel (${channel}).`,
    network: (system: string) => `${system} reads no graph channel.`,
    fixed: (system: string) => `${system} has its own way of passing messages.`,
    moge: (system: string) => `Belongs to MoGE; ${system} does without.`,
    collaboration: 'Without balancing, its strength has no effect.',
  },
};
