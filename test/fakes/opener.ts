// Describes new connections of the simulated core: who opens one, where to, by which inbound.

import type { Dice } from './dice.ts';
import type { FlowDescription } from './flow.ts';
import { classOf, type Destination, devices, proxyTypes } from './home.ts';

/** The home's clock, as the core writes it. */
const zone = { text: '+08:00', ms: 8 * 3_600_000 };
/** Each device opens this many times as often as the next. */
const devicePreference = 1.5;

export class Opener {
	readonly #dice: Dice;
	readonly #destinations: readonly Destination[];
	readonly #shares: number;

	/** @param udp the share of UDP destinations' connections that are made, 0 to 1 */
	constructor(dice: Dice, destinations: readonly Destination[], udp: number) {
		this.#dice = dice;
		this.#destinations = destinations
			.map((to) => (to.network === 'udp' ? { ...to, share: to.share * udp } : to))
			.filter(({ share }) => share > 0);
		this.#shares = this.#destinations.reduce((sum, { share }) => sum + share, 0);
	}

	destination(): Destination {
		let at = this.#dice.next() * this.#shares;
		const found = this.#destinations.find(({ share }) => {
			at -= share;
			return at < 0;
		});
		return found ?? this.#destinations[0]!;
	}

	describe(to: Destination, wall: number): FlowDescription {
		const { host, port, network, chains, geo, rule, payload } = to;
		const own = to.inner === true;
		const redirected = network === 'udp' ? 'TProxy' : 'Redir';
		const proxied = classOf(proxyTypes[chains[0]!]) === 'proxy';
		const destinationIP = this.#address();
		return {
			id: this.#dice.uuid(),
			network,
			type: own ? 'Inner' : redirected,
			sourceIP: own ? '' : this.#device(),
			sourcePort: own ? '0' : String(this.#dice.int(32_768, 60_999)),
			destinationIP: proxied && host !== '' ? '' : destinationIP,
			destinationGeoIP: proxied && host !== '' ? null : [geo],
			destinationIPASN: '',
			destinationPort: String(port),
			inboundIP: own ? '' : '192.168.1.1',
			inboundPort: own ? '0' : '7892',
			inboundName: own ? '' : `DEFAULT-${redirected.toUpperCase()}`,
			host,
			dnsMode: host === '' ? 'normal' : 'fake-ip',
			process: own ? 'mihomo' : '',
			remoteDestination: proxied ? '198.51.100.7' : destinationIP,
			sniffHost: '',
			start: this.#time(wall),
			chains,
			rule,
			rulePayload: payload,
			class: classOf(proxyTypes[chains[0]!]),
		};
	}

	/** The carrier of a node with `dialer-proxy`: listed, in no total. */
	describeTransport(chains: readonly string[], wall: number): FlowDescription {
		return {
			id: this.#dice.uuid(),
			network: 'tcp',
			type: 'Inner',
			sourceIP: '',
			sourcePort: '0',
			destinationIP: '198.51.100.9',
			destinationGeoIP: null,
			destinationIPASN: '',
			destinationPort: '8388',
			inboundIP: '',
			inboundPort: '0',
			inboundName: '',
			host: '',
			dnsMode: 'normal',
			process: '',
			remoteDestination: '198.51.100.7',
			sniffHost: '',
			start: this.#time(wall),
			chains,
			rule: '',
			rulePayload: '',
			class: 'proxy',
		};
	}

	#device(): string {
		const index = Math.floor(-Math.log(1 - this.#dice.next()) / Math.log(devicePreference));
		return devices[index] ?? this.#dice.pick(devices);
	}

	#address(): string {
		const net = this.#dice.pick(['192.0.2', '198.51.100', '203.0.113']);
		return `${net}.${this.#dice.int(1, 254)}`;
	}

	/** RFC 3339 with up to nine digits of a second, without closing zeros: Go's RFC3339Nano. */
	#time(wall: number): string {
		const text = new Date(wall + zone.ms).toISOString();
		const digits = (text.slice(20, 23) + String(this.#dice.int(0, 999_999)).padStart(6, '0')).replace(/0+$/, '');
		return `${text.slice(0, 19)}${digits === '' ? '' : `.${digits}`}${zone.text}`;
	}
}
