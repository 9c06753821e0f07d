// What sums can be asked by. The codes are stored in keys of the tables `total` and `hourly`: they never change.

export interface Dimension {
	readonly code: number;
	/** As `group_by`, `split_by` and filters name it; also the column of the table `cell` that holds its text. */
	readonly name: string;
	/** The key of a row of `/stats?type=group`. */
	readonly label: string;
}

const dimension = (code: number, name: string, label = name): Dimension => ({ code, name, label });

export const dimensions = {
	all: dimension(0, 'all'),
	agent: dimension(1, 'agent'),
	network: dimension(2, 'network'),
	rule: dimension(3, 'rule'),
	process: dimension(4, 'process'),
	destination: dimension(5, 'destination', 'destination_ip'),
	geoip: dimension(6, 'geoip', 'destination_geoip'),
	host: dimension(7, 'host'),
	node: dimension(8, 'node'),
	device: dimension(9, 'device'),
	class: dimension(10, 'class'),
	inbound_user: dimension(11, 'inbound_user'),
	asn: dimension(12, 'asn'),
	rule_type: dimension(13, 'rule_type'),
} as const;

export type DimensionName = keyof typeof dimensions;

/** Sums are kept ready of each agent, and of each combination of these. */
export const wayDimensions = ['network', 'rule_type', 'class'] as const satisfies readonly DimensionName[];

/** The columns of `cell`, each the number of a text, in the order of `CellTexts`. */
export const cellColumns = [
	'agent',
	'class',
	'network',
	'rule_type',
	'payload',
	'rule',
	'process',
	'chains',
	'node',
	'device',
	'inbound_user',
	'name',
	'host',
	'destination',
	'geoip',
	'asn',
	'source',
] as const;
export type CellColumn = (typeof cellColumns)[number];
/** Its place among them. */
export const columnAt = (column: CellColumn) => cellColumns.indexOf(column);
/**
 * `name` is the host as it was sent; `host` is that or else the destination's address. `source` is the address that
 * bytes came from; `device` whose it was: a MAC, or that address where no agent tells.
 */
export type CellTexts = Readonly<Record<CellColumn, string>>;

/** Dimensions of few values have their sums ready by the hour; of the others there would be as many as connections. */
export function hasHourly(name: DimensionName): boolean {
	return name !== 'host' && name !== 'destination' && name !== 'asn';
}

/** Bytes of these are the core's, and what a question means that names no class. */
export const coreClasses: readonly string[] = ['direct', 'proxy', 'reject', 'unattributed'];
export const otherClasses: readonly string[] = ['wan', 'overhead', 'bypass'];
/** All of them. Their places stand in keys of the table `agenthour`: they never change. */
export const classNames: readonly string[] = [...coreClasses, ...otherClasses];

/** Tags of a geoip text: `["cn"]` -> cn; `null` and `[]` have one empty tag. */
export function geoipTags(text: string): readonly string[] {
	try {
		const value: unknown = JSON.parse(text);
		const tags = Array.isArray(value) ? value.filter((tag) => typeof tag === 'string') : [];
		return tags.length > 0 ? [...new Set(tags)] : [''];
	} catch {
		return [text];
	}
}
