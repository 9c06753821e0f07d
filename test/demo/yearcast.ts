// Who lives in the demo's year: three agents, their devices, the sites these visit, and the nodes and rules on the way.
// Names and addresses are reserved ones.

/** What a visit is like. Sizes are the median in bytes; `spread` is the sigma of their logarithm. */
interface Habit {
	readonly down: number;
	readonly up: number;
	readonly spread: number;
	/** Seconds, the most. */
	readonly lasts: number;
}

export const habits = {
	video: { down: 60e6, up: 1.2e6, spread: 1.3, lasts: 5400 },
	web: { down: 600e3, up: 60e3, spread: 1.5, lasts: 240 },
	chat: { down: 60e3, up: 40e3, spread: 1.4, lasts: 1800 },
	call: { down: 25e6, up: 22e6, spread: 0.9, lasts: 3600 },
	download: { down: 150e6, up: 2e6, spread: 1.4, lasts: 1200 },
	backup: { down: 1e6, up: 90e6, spread: 1.3, lasts: 3600 },
	game: { down: 9e6, up: 4e6, spread: 0.8, lasts: 5400 },
	sensor: { down: 4e3, up: 9e3, spread: 0.7, lasts: 60 },
	advert: { down: 0, up: 520, spread: 0.2, lasts: 1 },
} as const satisfies Record<string, Habit>;
export type HabitName = keyof typeof habits;

export interface Site {
	readonly host: string;
	readonly address: string;
	readonly habit: HabitName;
	readonly class: 'direct' | 'proxy' | 'reject';
	readonly rule: string;
	readonly payload: string;
	/** Group first, leaf last; of `proxy` the leaf is drawn anew for each visit. */
	readonly group: string;
	readonly geoip: string;
	readonly asn: string;
	readonly network: 'tcp' | 'udp';
	readonly process: string;
}

export const nodes = [
	...['Amsterdam 1', 'Amsterdam 2', 'Frankfurt 1', 'Singapore 1', 'Tokyo 1', 'Tokyo 2', 'Los Angeles 1', '香港 1'],
];

type Family = Omit<Site, 'host' | 'address'> & { readonly root: string; readonly names: readonly string[] };

const numbered = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${name}${at + 1}`);
const of = (
	habit: HabitName,
	className: Site['class'],
	more: Partial<Family> & Pick<Family, 'root' | 'names'>,
): Family => ({
	...{
		habit,
		class: className,
		rule: 'Match',
		payload: '',
		group: 'Proxy',
		geoip: '["us"]',
		asn: '64500 Example Transit',
	},
	...{ network: 'tcp', process: 'firefox' },
	...more,
});

const families: readonly Family[] = [
	of('video', 'proxy', {
		root: 'tube.example',
		names: numbered('r', 24),
		rule: 'RuleSet',
		payload: 'streaming',
		group: 'Streaming',
		network: 'udp',
	}),
	of('video', 'proxy', {
		root: 'films.example',
		names: numbered('cdn', 12),
		rule: 'RuleSet',
		payload: 'streaming',
		group: 'Streaming',
		geoip: '["nl"]',
	}),
	of('video', 'direct', {
		root: 'mediathek.test',
		names: numbered('vod', 8),
		rule: 'DomainSuffix',
		payload: 'mediathek.test',
		geoip: '["de"]',
		asn: '64510 Example Broadcast',
	}),
	of('web', 'proxy', {
		root: 'search.example',
		names: ['www', 'maps', 'mail', 'docs', 'fonts', 'images'],
		rule: 'RuleSet',
		payload: 'search',
	}),
	of('web', 'proxy', {
		root: 'news.example',
		names: numbered('section', 18),
		geoip: '["gb"]',
		asn: '64511 Example Press',
	}),
	of('web', 'direct', {
		root: 'shop.test',
		names: numbered('www', 14),
		rule: 'GeoIP',
		payload: 'DE',
		geoip: '["de"]',
		asn: '64512 Example Hosting',
	}),
	of('web', 'direct', {
		root: 'forum.test',
		names: numbered('board', 26),
		rule: 'GeoIP',
		payload: 'DE',
		geoip: '["de"]',
		asn: '64512 Example Hosting',
	}),
	of('web', 'direct', {
		root: '新闻.test',
		names: numbered('页', 10),
		rule: 'GeoSite',
		payload: 'cn',
		geoip: '["cn"]',
		asn: '64520 Example Telecom',
	}),
	of('web', 'proxy', {
		root: 'social.example',
		names: numbered('edge', 30),
		rule: 'RuleSet',
		payload: 'social',
		geoip: '["us","social"]',
	}),
	of('chat', 'proxy', {
		root: 'messenger.example',
		names: numbered('dc', 9),
		rule: 'IPCIDR',
		payload: '198.51.100.0/24',
		geoip: '["sg"]',
		process: 'messenger',
	}),
	of('call', 'direct', {
		root: 'meet.test',
		names: numbered('turn', 8),
		rule: 'DomainKeyword',
		payload: 'meet',
		network: 'udp',
		geoip: '["de"]',
		process: 'meet',
	}),
	of('download', 'direct', {
		root: 'updates.example',
		names: numbered('dl', 10),
		rule: 'RuleSet',
		payload: 'updates',
		process: 'updater',
	}),
	of('download', 'proxy', {
		root: 'packages.example',
		names: ['npm', 'git', 'images', 'pypi', 'crates'],
		rule: 'RuleSet',
		payload: 'developer',
		process: 'git',
	}),
	of('backup', 'direct', {
		root: 'backup.test',
		names: numbered('vault', 5),
		rule: 'DomainSuffix',
		payload: 'backup.test',
		geoip: '["de"]',
		process: 'backup',
	}),
	of('game', 'proxy', {
		root: 'play.example',
		names: numbered('eu', 12),
		rule: 'RuleSet',
		payload: 'games',
		group: 'Games',
		network: 'udp',
		geoip: '["jp"]',
		process: 'game',
	}),
	of('sensor', 'direct', {
		root: 'things.test',
		names: numbered('hub', 6),
		rule: 'DomainSuffix',
		payload: 'things.test',
		geoip: '["de"]',
		process: '',
	}),
	of('advert', 'reject', {
		root: 'adverts.example',
		names: numbered('track', 32),
		rule: 'RuleSet',
		payload: 'adverts',
		group: '',
	}),
];

const networks = ['203.0.113', '198.51.100', '192.0.2'];

/** A few hundred; the first of a family are visited most. */
export const sites: readonly Site[] = families.flatMap(({ root, names, ...family }, at) =>
	names.map((name, index) => ({
		...family,
		host: `${name}.${root}`,
		address: `${networks[at % 3]}.${1 + Math.floor(at / 3) * 40 + index}`,
	})),
);

export interface DemoDevice {
	readonly ip: string;
	readonly mac: string;
	readonly name: string;
	/** Share of the agent's visits. */
	readonly share: number;
	/** When it is used: hours of the day that weigh, and whether week or weekend. */
	readonly awake: 'evening' | 'office' | 'always' | 'night';
	readonly likes: Partial<Record<HabitName, number>>;
}

const device = (
	ip: string,
	name: string,
	share: number,
	awake: DemoDevice['awake'],
	likes: DemoDevice['likes'],
): DemoDevice => ({
	...{ ip, name, share, awake, likes },
	mac: `02:00:5e:00:${ip
		.split('.')
		.slice(-2)
		.map((part) => Number(part).toString(16).padStart(2, '0'))
		.join(':')}`,
});

export interface DemoAgent {
	readonly number: number;
	readonly name: string;
	readonly zone: string;
	/** Of all connections. */
	readonly share: number;
	/** `old` sends totals of connections and nothing else. */
	readonly kind: 'netmon' | 'old';
	readonly wan: string;
	/** Bytes an hour past the core, in an evening. */
	readonly bypass: number;
	readonly devices: readonly DemoDevice[];
}

export const agents: readonly DemoAgent[] = [
	{
		...{ number: 1, name: 'home', zone: 'Europe/Berlin', share: 0.62, kind: 'netmon', wan: 'pppoe-wan', bypass: 900e6 },
		devices: [
			device('192.168.1.20', 'annas-laptop', 20, 'evening', {
				web: 40,
				video: 9,
				call: 3,
				chat: 12,
				download: 1,
				advert: 14,
			}),
			device('192.168.1.21', 'bens-phone', 24, 'evening', { web: 30, video: 8, chat: 40, advert: 18, download: 1 }),
			device('192.168.1.22', 'living-room-tv', 10, 'evening', { video: 30, advert: 12, download: 0.5 }),
			device('192.168.1.23', 'kids-tablet', 12, 'evening', { video: 16, game: 10, web: 12, advert: 10 }),
			device('192.168.1.24', 'work-desktop', 16, 'office', { web: 34, call: 8, download: 3, chat: 10, video: 1 }),
			device('192.168.1.30', 'nas', 3, 'night', { backup: 10, download: 3 }),
			device('192.168.1.31', 'thermostat', 6, 'always', { sensor: 1 }),
			device('192.168.1.32', 'robot-vacuum', 3, 'always', { sensor: 10, download: 0.1 }),
		],
	},
	{
		...{ number: 2, name: 'office', zone: 'Asia/Shanghai', share: 0.3, kind: 'netmon', wan: 'wan', bypass: 15e6 },
		devices: [
			device('10.20.0.11', 'front-desk', 22, 'office', { web: 40, chat: 14, video: 1, advert: 8 }),
			device('10.20.0.12', 'meeting-room', 10, 'office', { call: 12, web: 3, video: 1 }),
			device('10.20.0.13', 'build-server', 14, 'always', { download: 2, sensor: 20, web: 6 }),
			device('10.20.0.14', '前台打印机', 3, 'office', { sensor: 1 }),
		],
	},
	{
		...{ number: 3, name: 'cabin', zone: 'Europe/Berlin', share: 0.08, kind: 'old', wan: '', bypass: 0 },
		devices: [
			device('192.168.8.10', '', 6, 'always', { sensor: 30, backup: 1 }),
			device('192.168.8.11', '', 10, 'evening', { web: 20, video: 4, chat: 20, advert: 5 }),
		],
	},
];
