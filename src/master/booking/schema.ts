// The store's tables. Texts are kept once (`text`) and named by numbers. A `cell` is a combination of everything that
// sums are asked by, and there may be several of one; `usage` (5 minutes) and `hour` hold what flowed per cell. `total`
// (all times) and `hourly` hold the sums of single dimensions, so that the plain questions read few rows whatever the
// size; `agenthour` has those of an agent and class. The view `connections` has the columns of
// mihomo-connections-tracker.
import { cellColumns, classNames } from './dimension.ts';

/** "netm" */
export const masterApplicationId = 0x6e65746d;

/**
 * Keys are packed into one integer of less than 2^53 (a table in the order of an integer is the fastest SQLite has): a
 * group, times a width, plus a number within it. `usage` is by bucket and cell, `hour` by hour and cell.
 */
export const cellLimit = 2 ** 30;
export const hourlyWidth = 2 ** 28;
export const hourlyKey = (dimension: number, hour: number, code: number) =>
	(dimension * 2 ** 20 + hour) * hourlyWidth + code;
/** `slot` 0: everything; else a row of the table `slot`: one agent, or one network with a rule type and a class. */
export const totalKey = (slot: number, dimension: number, code: number) => (slot * 16 + dimension) * 2 ** 32 + code;
const classSlots = 8;
/** Sums of one agent and class lie together, hour by hour. `at` is the class's place in `classNames`. */
export const agentHourKey = (agent: number, at: number, hour: number) => (agent * classSlots + at) * 2 ** 20 + hour;

/** Seconds. */
export const bucketSeconds = 300;
export const bucketMs = bucketSeconds * 1000;
export const bucketsAnHour = 12;
/** `peak` has the bounds of so many connections whose numbers are neighbours. */
export const peakWidth = 64;

const name = `CASE WHEN typeof(c.name) = 'blob' THEN lower(substr(hex(c.name), 1, 8) || '-' || substr(hex(c.name), 9, 4)
	|| '-' || substr(hex(c.name), 13, 4) || '-' || substr(hex(c.name), 17, 4) || '-' || substr(hex(c.name), 21)) ELSE c.name END`;
const time = (column: string) =>
	`strftime('%Y-%m-%dT%H:%M:%S', ${column} / 1000, 'unixepoch') || printf('.%03d+00:00', ${column} % 1000)`;
const text = (number: string) => `(SELECT value FROM text WHERE text.id = ${number})`;
const detail = (at: number) => `json_extract(${text('c.detail')}, '$[${at}]')`;

/** What is asked so rarely that it travels as one text, a JSON list in this order. */
export const detailFields = [
	'source_geoip',
	'source_ip_asn',
	'inbound_ip',
	'inbound_port',
	'inbound_name',
	'dns_mode',
	'uid',
	'process_path',
	'special_proxy',
	'special_rules',
	'dscp',
	'conn_type',
] as const;
const detailOf = (field: (typeof detailFields)[number]) => detail(detailFields.indexOf(field));

const sums = 'n INTEGER NOT NULL, u INTEGER NOT NULL, d INTEGER NOT NULL';
/** Nothing that a statement of many rows could fail by, or SQLite would copy each page before it touches it. */
const addedUp = 'n INTEGER, u INTEGER, d INTEGER';

export const masterSchema: readonly string[] = [
	`CREATE TABLE mark(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
	CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
	INSERT INTO text VALUES (1, '');
	CREATE TABLE agent(id INTEGER PRIMARY KEY, name INTEGER NOT NULL UNIQUE, first INTEGER NOT NULL,
		last INTEGER NOT NULL, tz TEXT, told INTEGER, health TEXT);
	CREATE TABLE epoch(id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, name TEXT NOT NULL, acked INTEGER NOT NULL,
		last INTEGER NOT NULL, UNIQUE (agent, name));
	CREATE TABLE record(epoch INTEGER NOT NULL, number INTEGER NOT NULL, connection INTEGER NOT NULL,
		PRIMARY KEY (epoch, number)) WITHOUT ROWID;
	CREATE INDEX record_connection ON record(connection);
	CREATE TABLE gap(id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
		what TEXT NOT NULL, u INTEGER, d INTEGER, UNIQUE (agent, since, until, what));
	CREATE TABLE late(agent INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, class INTEGER NOT NULL,
		u INTEGER NOT NULL, d INTEGER NOT NULL, PRIMARY KEY (agent, since, until, class)) WITHOUT ROWID;
	CREATE TABLE wanless(agent INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL, why TEXT NOT NULL, over INTEGER NOT NULL,
		PRIMARY KEY (agent, since)) WITHOUT ROWID;
	CREATE TABLE device(agent INTEGER NOT NULL, address TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER,
		mac TEXT, name TEXT, random INTEGER NOT NULL, PRIMARY KEY (agent, address, since)) WITHOUT ROWID;
	CREATE INDEX device_mac ON device(mac);
	CREATE TABLE stranger(agent INTEGER NOT NULL, address TEXT NOT NULL, bucket INTEGER NOT NULL,
		PRIMARY KEY (agent, address)) WITHOUT ROWID;
	CREATE TABLE token(id INTEGER PRIMARY KEY, agent TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, made INTEGER NOT NULL,
		revoked INTEGER);
	CREATE TABLE cell(id INTEGER PRIMARY KEY, ${cellColumns.map((column) => `${column} INTEGER NOT NULL`).join(', ')},
		${sums});
	CREATE TABLE cell_key(h INTEGER PRIMARY KEY, cell INTEGER NOT NULL);
	CREATE TABLE connection(id INTEGER PRIMARY KEY, name NOT NULL, cell INTEGER NOT NULL, last INTEGER NOT NULL,
		age INTEGER NOT NULL, up INTEGER NOT NULL, down INTEGER NOT NULL, ahead INTEGER NOT NULL, source_port NOT NULL,
		destination_port NOT NULL, sniff_host INTEGER NOT NULL, remote INTEGER NOT NULL, detail INTEGER NOT NULL);
	CREATE TABLE connection_key(h INTEGER PRIMARY KEY, connection INTEGER NOT NULL);
	CREATE INDEX connection_last ON connection(last);
	CREATE TABLE usage(k INTEGER PRIMARY KEY, ${sums});
	CREATE TABLE hour(k INTEGER PRIMARY KEY, ${sums});
	CREATE TABLE slot(id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, network INTEGER NOT NULL,
		rule_type INTEGER NOT NULL, class INTEGER NOT NULL, UNIQUE (agent, network, rule_type, class));
	CREATE TABLE total(k INTEGER PRIMARY KEY, ${sums});
	CREATE TABLE hourly(k INTEGER PRIMARY KEY, ${sums});
	CREATE VIEW connections AS SELECT ${name} AS id, c.down AS conn_download, c.up AS conn_upload,
		${time('c.last')} AS last_updated, ${time('(c.last - c.age)')} AS start, ${text('cell.network')} AS network,
		${detailOf('conn_type')} AS type, ${text('cell.source')} AS source_ip,
		${text('cell.destination')} AS destination_ip, ${detailOf('source_geoip')} AS source_geoip,
		${text('cell.geoip')} AS destination_geoip, ${detailOf('source_ip_asn')} AS source_ip_asn,
		${text('cell.asn')} AS destination_ip_asn, CAST(c.source_port AS TEXT) AS source_port,
		CAST(c.destination_port AS TEXT) AS destination_port, ${detailOf('inbound_ip')} AS inbound_ip,
		${detailOf('inbound_port')} AS inbound_port, ${detailOf('inbound_name')} AS inbound_name,
		${text('cell.inbound_user')} AS inbound_user, ${text('cell.name')} AS host, ${detailOf('dns_mode')} AS dns_mode,
		${detailOf('uid')} AS uid, ${text('cell.process')} AS process, ${detailOf('process_path')} AS process_path,
		${detailOf('special_proxy')} AS special_proxy, ${detailOf('special_rules')} AS special_rules,
		${text('CASE c.remote WHEN 0 THEN cell.destination ELSE c.remote END')} AS remote_destination, ${detailOf('dscp')} AS dscp, ${text('c.sniff_host')} AS sniff_host,
		${text('cell.chains')} AS chains, ${text('cell.rule_type')} AS rule, ${text('cell.payload')} AS rule_payload,
		${text('cell.agent')} AS agent_id
		FROM connection c JOIN cell ON cell.id = c.cell`,
	`CREATE TABLE agenthour(k INTEGER PRIMARY KEY, ${sums});
	INSERT INTO agenthour SELECT (cell.agent * ${classSlots} + CASE text.value ${classNames
		.map((className, at) => `WHEN '${className}' THEN ${at}`)
		.join(' ')} END) * 1048576 + hour.k / ${cellLimit} AS k, total(hour.n), total(hour.u), total(hour.d)
		FROM hour JOIN cell ON cell.id = (hour.k & ${cellLimit - 1}) JOIN text ON text.id = cell.class GROUP BY 1;
	CREATE TABLE quota(agent TEXT PRIMARY KEY, settings TEXT NOT NULL, webhook TEXT) WITHOUT ROWID;
	CREATE TABLE cycle(id INTEGER PRIMARY KEY, agent TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,
		zone TEXT NOT NULL, settings TEXT NOT NULL, before INTEGER NOT NULL);
	CREATE INDEX cycle_agent ON cycle(agent, since);
	CREATE TABLE alert(id TEXT PRIMARY KEY, cycle INTEGER NOT NULL, level INTEGER NOT NULL, raised INTEGER NOT NULL,
		used INTEGER NOT NULL, logged INTEGER NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,
		next INTEGER NOT NULL, outcome TEXT, UNIQUE (cycle, level)) WITHOUT ROWID`,
	['usage', 'hour', 'total', 'hourly', 'agenthour']
		.map(
			(table) => `CREATE TABLE ${table}_new(k INTEGER PRIMARY KEY, ${addedUp});
			INSERT INTO ${table}_new SELECT * FROM ${table} ORDER BY k;
			DROP TABLE ${table}; ALTER TABLE ${table}_new RENAME TO ${table}`,
		)
		.join(';\n'),
	['connection', 'cell']
		.map(
			(row) => `CREATE TABLE new_${row}_key(h INTEGER PRIMARY KEY, ${row} INTEGER NOT NULL);
			CREATE VIEW ${row}_key_all AS SELECT h, ${row} AS id FROM new_${row}_key
			UNION ALL SELECT h, ${row} FROM ${row}_key`,
		)
		.join(';\n'),
	`CREATE TABLE found(k INTEGER NOT NULL, connection INTEGER NOT NULL, PRIMARY KEY (k, connection)) WITHOUT ROWID;
	INSERT INTO found SELECT (c.id / 65536 << 32) + (h >> 20) AS k, c.id FROM connection_key_all JOIN connection c
		USING (id) ORDER BY 1, 2;
	DROP VIEW connection_key_all; DROP TABLE new_connection_key; DROP TABLE connection_key;
	ALTER TABLE found RENAME TO connection_key;
	CREATE TABLE connection_filter(generation INTEGER PRIMARY KEY, bits BLOB NOT NULL);
	DROP VIEW cell_key_all; DROP TABLE new_cell_key; DROP TABLE cell_key;
	ALTER TABLE connection DROP COLUMN ahead;
	CREATE TABLE owed(id INTEGER PRIMARY KEY, cells BLOB NOT NULL)`,
	`CREATE TABLE peak(block INTEGER PRIMARY KEY, start INTEGER, up INTEGER, down INTEGER, total INTEGER, first INTEGER,
		last INTEGER);
	INSERT INTO peak(block) SELECT DISTINCT id / ${peakWidth} FROM connection;
	UPDATE peak SET (start, up, down, total, first, last) = (
		SELECT max(last - age), max(up), max(down), max(up + down), min(last), max(last) FROM connection
		WHERE id >= block * ${peakWidth} AND id < (block + 1) * ${peakWidth})`,
];
