// Who is behind a source address: address -> MAC -> name, over time. Pure. Promises: the newest and best word of the
// router's tables holds, every change is offered until the master has it, and what had to be left out is counted.
import type { AddressFact, NamedHost } from '../record.ts';
import type { Device } from '../wire.ts';
import { type AddressRange, AddressRanges, maxRanges, ranks, type When } from './addressranges.ts';
import { type DevicesState, type DroppedRanges, rangeOf, rangeRow } from './devicestate.ts';
import { isMac, isRandomMac, KnownDevices, maxDevices } from './knowndevices.ts';
import { OwnerNames } from './ownernames.ts';

/** One device, with all that it was seen with. */
export interface DeviceView {
	/** The MAC; the address where no MAC is known. History is kept by it. */
	readonly key: string;
	readonly mac: string | null;
	readonly name: string | null;
	readonly named: 'owner' | 'dhcp' | null;
	readonly random: boolean;
	/** What it has now, the one with the newest connection first. */
	readonly addresses: readonly string[];
	/** ms since the Unix epoch: when it was first heard of; when a connection last came from it, null = none did. */
	readonly first: number;
	readonly seen: number | null;
}

/** With 120 bytes each this fits beside what else a body holds; what is over goes with the next ones. */
const offeredMost = 40;
/** An address that no table had so often belongs to a host behind another router, or is made up. */
const askedMost = 5;

export class Devices {
	readonly #ranges = new AddressRanges((range) => this.#left(range));
	readonly #known = new KnownDevices();
	#acked = 0;
	/** Up to which revision the first body since the last acknowledgement told. */
	#offered: number | null = null;
	#dropped: DroppedRanges = { ranges: 0, untold: 0 };
	#trusted = false;

	constructor(state: DevicesState | null = null) {
		if (!state) return;
		this.#acked = state.acked;
		this.#dropped = state.dropped;
		for (const row of state.ranges) this.#ranges.restore(rangeOf(row));
		for (const row of state.devices) this.#known.restore(row);
	}

	/** All that the router's tables say now; what they do not say any more stays as it was. */
	learn(facts: readonly AddressFact[], hosts: readonly NamedHost[], when: When): void {
		this.#notice(when);
		for (const { ip, mac, by } of this.#bestWords(facts)) {
			if (mac === null) this.#ranges.mention(ip, when);
			else this.#ranges.claim(ip, mac, by, when);
		}
		this.#name(facts, new OwnerNames(hosts), when);
		this.#bound();
	}

	/** A connection came from `ip`. True: nobody has told whose it is, and the router's tables may. */
	saw(ip: string, when: When): boolean {
		this.#notice(when);
		const range = this.#ranges.saw(plain(ip), when);
		this.#known.seen(keyOf(range), when);
		if (this.#known.size > maxDevices + maxRanges) this.#bound();
		this.#ranges.bound(this.#acked);
		range.wanted = range.mac === null && range.asked < askedMost;
		return range.wanted;
	}

	/** What history is kept by: the MAC that has the address now, the address where none is known. */
	deviceKey(ip: string): string {
		const address = plain(ip);
		return this.#ranges.open(address)?.mac ?? address;
	}

	/** Whose the address was at `wall` (ms since the Unix epoch); null: not known. */
	deviceOf(ip: string, wall: number): Device | null {
		const range = this.#ranges.at(plain(ip), wall);
		return range && this.#told(range);
	}

	/** Every device that is known, the one with the newest connection first. */
	list(): DeviceView[] {
		const ranges = this.#openByKey();
		return [...this.#known.all()]
			.map(({ key, dhcp, owner, first, seen }): DeviceView => {
				const open = (ranges.get(key) ?? []).sort((a, b) => b.seen - a.seen);
				const mac = isMac(key) ? key : null;
				return {
					key,
					mac,
					name: owner ?? dhcp,
					named: owner === null ? (dhcp === null ? null : 'dhcp') : 'owner',
					random: mac !== null && isRandomMac(mac),
					addresses: open.map(({ ip }) => ip),
					first,
					seen: seen === 0 ? null : seen,
				};
			})
			.sort((a, b) => (b.seen ?? 0) - (a.seen ?? 0) || b.first - a.first);
	}

	/** What changed since the master last took something, oldest change first, as many as a body may hold. */
	offer(): Device[] {
		if (!this.#trusted) return [];
		const changed = [...this.#ranges.all()]
			.filter((range) => range.revision > this.#acked)
			.sort((a, b) => a.revision - b.revision);
		const offered = changed.slice(0, offeredMost);
		const upTo = changed.length > offered.length ? offered.at(-1)!.revision : this.#ranges.revision;
		// A body may be refused and a later one taken: only what the first one held is surely in the one that was.
		this.#offered ??= upTo;
		return offered.map((range) => this.#told(range));
	}

	/** The master took a body with what was offered. */
	taken(): void {
		this.#acked = Math.max(this.#acked, this.#offered ?? 0);
		this.#offered = null;
	}

	/** Another master, or one put back from a backup: everything is offered again. */
	forgetTaken(): void {
		this.#acked = 0;
		this.#offered = null;
	}

	/** Grows when something is known that was not: then the state is worth writing. */
	get revision(): number {
		return this.#ranges.revision;
	}

	get counts(): { readonly devices: number; readonly addresses: number; readonly dropped: DroppedRanges } {
		return { devices: this.#known.size, addresses: this.#ranges.size, dropped: this.#dropped };
	}

	/** For the queue's file. What began under a clock that is not trusted is not in it: it is found again. */
	state(): DevicesState {
		const ranges = [...this.#ranges.all()].filter(({ pending }) => pending === null).map(rangeRow);
		return { version: 1, acked: this.#acked, dropped: this.#dropped, ranges, devices: this.#known.rows() };
	}

	#notice(when: When): void {
		if (when.trusted && !this.#trusted) {
			this.#ranges.settle(when);
			this.#known.settle(when);
		}
		this.#trusted = when.trusted;
	}

	/** One for each address: of equals the one that holds already, so that two hosts with one address do not take turns. */
	#bestWords(facts: readonly AddressFact[]): Iterable<AddressFact> {
		const best = new Map<string, AddressFact>();
		for (const fact of facts) {
			const other = best.get(fact.ip);
			const more = other ? rankOf(fact) - rankOf(other) : 1;
			if (more > 0 || (more === 0 && fact.mac === this.deviceKey(fact.ip))) best.set(fact.ip, fact);
		}
		return best.values();
	}

	/** Gives each device its name of now; who was renamed is told again. */
	#name(facts: readonly AddressFact[], owner: OwnerNames, when: When): void {
		const dhcp = namesByKey(facts, (ip) => this.deviceKey(ip));
		for (const [key, ranges] of this.#openByKey()) {
			const addresses = ranges.map(({ ip }) => ip);
			const names = { dhcp: dhcp.get(key) ?? null, owner: owner.of(isMac(key) ? key : null, addresses) };
			if (this.#known.name(key, names, when)) for (const range of ranges) this.#ranges.touch(range);
			for (const range of ranges) {
				if (range.wanted) range.asked += 1;
				range.wanted = false;
			}
		}
	}

	#openByKey(): Map<string, AddressRange[]> {
		const byKey = new Map<string, AddressRange[]>();
		for (const range of this.#ranges.all()) {
			if (range.to !== null) continue;
			const others = byKey.get(keyOf(range));
			if (others) others.push(range);
			else byKey.set(keyOf(range), [range]);
		}
		return byKey;
	}

	#bound(): void {
		this.#ranges.bound(this.#acked);
		const used = new Set<string>();
		for (const range of this.#ranges.all()) used.add(keyOf(range));
		this.#known.bound(used);
	}

	#told({ ip, mac, from, to }: AddressRange): Device {
		const name = this.#known.nameOf(mac ?? ip);
		return {
			ip,
			...(mac === null ? {} : { mac }),
			...(name === null ? {} : { name }),
			...(mac !== null && isRandomMac(mac) ? { random: true } : {}),
			from: Math.floor(from / 1000),
			...(to === null ? {} : { to: Math.floor(to / 1000) }),
		};
	}

	#left({ revision }: AddressRange): void {
		const untold = revision > this.#acked ? 1 : 0;
		this.#dropped = { ranges: this.#dropped.ranges + 1, untold: this.#dropped.untold + untold };
	}
}

function rankOf({ mac, by }: AddressFact): number {
	return mac === null ? -1 : ranks[by];
}

function keyOf({ mac, ip }: AddressRange): string {
	return mac ?? ip;
}

/** As the tables write addresses: without a zone, IPv4 without its IPv6 clothes. */
function plain(ip: string): string {
	const zone = ip.indexOf('%');
	const address = zone < 0 ? ip : ip.slice(0, zone);
	return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** A lease that names the MAC itself has the better word; among equals the first. */
function namesByKey(facts: readonly AddressFact[], deviceKey: (ip: string) => string): Map<string, string> {
	const names = new Map<string, string>();
	for (const by of ['lease', 'guess'] as const) {
		for (const fact of facts) {
			if (fact.by !== by || fact.name === null) continue;
			const key = by === 'lease' && fact.mac !== null ? fact.mac : deviceKey(fact.ip);
			if (!names.has(key)) names.set(key, fact.name);
		}
	}
	return names;
}
