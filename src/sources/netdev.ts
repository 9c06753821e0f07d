// /proc/net/dev, parsed (reference B.5): two header lines, then `name:` and 16 columns. Names are cut off at the
// last colon, because old alias labels (eth1:0) hold one and old kernels print no space after it.

/** The kernel's counters of one device, as printed: unsigned 64 bits. */
export interface NetDevRow {
	readonly rxBytes: bigint;
	readonly rxPackets: bigint;
	readonly txBytes: bigint;
	readonly txPackets: bigint;
}

const columns = 16;

/**
 * Rows by device name, in the file's order; null = the line is there but cut or damaged. A name that comes twice
 * (renamed while the list was read) counts once, the first time.
 * @param only parse the lines of these devices alone (the others cost nothing)
 */
export function parseNetDev(text: string, only?: ReadonlySet<string>): Map<string, NetDevRow | null> {
	const rows = new Map<string, NetDevRow | null>();
	for (const line of text.split('\n')) {
		const colon = line.lastIndexOf(':');
		if (colon < 0) continue;
		const name = line.slice(0, colon).trim();
		if (name === '' || rows.get(name) || (only && !only.has(name))) continue;
		rows.set(name, parseColumns(line.slice(colon + 1)));
	}
	return rows;
}

function parseColumns(text: string): NetDevRow | null {
	const fields = text.trim().split(/\s+/);
	if (fields.length < columns) return null;
	const [rxBytes, rxPackets, txBytes, txPackets] = [fields[0]!, fields[1]!, fields[8]!, fields[9]!];
	if (![rxBytes, rxPackets, txBytes, txPackets].every((field) => /^\d{1,20}$/.test(field))) return null;
	return {
		rxBytes: BigInt(rxBytes),
		rxPackets: BigInt(rxPackets),
		txBytes: BigInt(txBytes),
		txPackets: BigInt(txPackets),
	};
}
