// `--help`, made from the table: grouped, 100 columns.
import { type Setting, type Table, variableOf } from './setting.ts';

const width = 100;
const flagColumn = 34;

const agentUsage = `netmon: who used how much through which path, in figures that add up

  netmon agent [FLAGS]            read mihomo and the WAN counters, tell displays and the master
  netmon watch [HOST[:PORT]]      live speeds of an agent on this LAN, in the terminal
  netmon status [--json]          what the agent of this machine says of itself
  netmon doctor [FLAGS]           what is wrong, and what to do about it
  netmon export [--by WHAT]       what the agent has kept, as CSV or JSON lines (--format json): by
                                  time, class, device, host, node or connection; --from and --to
  netmon help, netmon version     also -h, --help and -V, --version

Without a word: netmon agent, when there are flags, or CLASH_URL or LUCI_URL is set.`;

const agentFooter = `Each flag is also a variable (NETMON_ and the flag in capitals, but for those named above) and a
UCI option (the flag with _ for -) of config agent 'main'. The first that is set counts: flag,
environment, .env file, UCI file. Empty is not set. Every user of the machine can see a secret that
stands on the command line.`;

/** What stands around the flags. */
export interface HelpTexts {
	readonly usage: string;
	readonly footer: string;
}

const agentTexts: HelpTexts = { usage: agentUsage, footer: agentFooter };

export function helpText(table: Table, { usage, footer }: HelpTexts = agentTexts): string {
	const rows = Object.values(table);
	const groups = [...new Set(rows.map((row) => row.group))];
	const blocks = groups.map((name) => [`${name}:`, ...rows.filter((row) => row.group === name).map(entry)].join('\n'));
	return [usage, ...blocks, footer].join('\n\n');
}

/** The default as readers see it, or null. */
export function shownDefault(setting: Setting<unknown>): string | null {
	return setting.shownDefault ?? setting.fallback;
}

function entry(setting: Setting<unknown>): string {
	const { flag, short, kind, help, variable, otherVariable } = setting;
	const name = kind.name.includes('|') && kind.name.length > 12 ? 'WHICH' : kind.name;
	const left = `  ${short ? `-${short}, ` : '    '}--${flag} ${name}`;
	const variables = [variable ? variableOf(setting) : null, otherVariable ? `or ${otherVariable.name}` : null];
	const notes = [...variables, shownDefault(setting)].filter((note) => note !== null);
	return wrap(left, notes.length > 0 ? `${help} [${notes.join('; ')}]` : help);
}

function wrap(left: string, text: string): string {
	const lines: string[] = [];
	let line = left.length <= flagColumn - 2 ? left.padEnd(flagColumn) : left;
	if (left.length > flagColumn - 2) {
		lines.push(line);
		line = ' '.repeat(flagColumn);
	}
	for (const word of text.split(' ')) {
		if (line.length + word.length > width) {
			lines.push(line.trimEnd());
			line = ' '.repeat(flagColumn);
		}
		line += `${word} `;
	}
	return [...lines, line.trimEnd()].join('\n');
}
