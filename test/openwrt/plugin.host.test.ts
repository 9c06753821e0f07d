import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { buildPackages, Router, whyNoRouter } from '../fakes/router.ts';

let ipk: Buffer;
const folder = mkdtempSync(join(tmpdir(), 'netmon-ipk-'));
before(() => {
	ipk = buildPackages(folder).get('netmon')!;
});
after(() => rmSync(folder, { recursive: true, force: true }));

function onRouter(title: string, body: (router: Router) => void): void {
	test(title, (t: TestContext) => {
		const why = whyNoRouter();
		if (why) return t.skip(why);
		const router = new Router();
		try {
			router.install(ipk);
			router.records();
			body(router);
		} finally {
			router.remove();
		}
	});
}

const call = (router: Router, method: string) => router.run(`echo '{}' | /usr/libexec/rpcd/netmon call ${method}`);

onRouter('it lists its methods as rpcd asks for them', (router) => {
	const { stdout } = router.run('/usr/libexec/rpcd/netmon list');
	assert.deepEqual(JSON.parse(stdout), { status: {}, history: {}, devices: {}, top: {}, doctor: {} });
});

for (const method of ['status', 'history', 'devices', 'top']) {
	onRouter(`it hands out ${method} as the agent wrote it, marks that somebody looks, and runs no Node`, (router) => {
		const written = `{"some":"${method}"}\n`;
		router.write(`var/run/netmon/${method}.json`, written);
		assert.deepEqual(call(router, method), { code: 0, stdout: written, stderr: '' });
		assert.ok(Date.now() - statSync(router.path('var/run/netmon.looked')).mtimeMs < 10_000);
		assert.deepEqual(router.records(), []);
	});
}

onRouter('it says that nothing runs where the agent wrote nothing', (router) => {
	assert.deepEqual(JSON.parse(call(router, 'status').stdout), { running: false });
	rmSync(router.path('var/run/netmon'), { recursive: true });
	assert.deepEqual(JSON.parse(call(router, 'status').stdout), { running: false });
});

onRouter('it hands out nothing that would cut rpcd off from ubus, and follows no link', (router) => {
	router.write('var/run/netmon/history.json', `"${'x'.repeat(199_997)}"`);
	assert.equal(call(router, 'history').stdout.length, 199_999);
	router.write('var/run/netmon/history.json', `"${'x'.repeat(200_000)}"`);
	assert.match(JSON.parse(call(router, 'history').stdout).error, /too large/);
	symlinkSync('/etc/passwd', router.path('var/run/netmon/top.json'));
	assert.deepEqual(JSON.parse(call(router, 'top').stdout), { running: false });
});

onRouter('it takes no method for a file', (router) => {
	for (const method of ['config', '../netmon/config', 'status.json', '']) {
		const { code, stdout } = call(router, `'${method}'`);
		assert.deepEqual([code, stdout], [1, '']);
	}
	assert.ok(!existsSync(router.path('var/run/netmon.looked')));
});

onRouter('it answers the doctor as JSON, whatever the doctor says', (router) => {
	const text = 'a "quoted" \\ back\\slash\ttab\n\nä €\u0001 end\n';
	router.node('v20.20.2', text, 3);
	const answer = JSON.parse(call(router, 'doctor').stdout);
	assert.deepEqual(answer, { code: 3, text: 'a "quoted" \\ back\\slash\ttab\n\nä € end\n' });
	const environment = router.records().find(([what]) => what === 'environment');
	assert.deepEqual(environment, ['environment', 'NETMON_CONFIG=/var/run/netmon/config', 'NETMON_TIMEOUT=5']);
	router.node('v20.20.2', 'x'.repeat(300_000), 0);
	assert.ok(call(router, 'doctor').stdout.length < 201_000);
});

onRouter('it answers in four small processes, and none of them is Node', (router) => {
	// What 50 ms are made of, on a router too: the shell, and what it starts.
	router.write('var/run/netmon/status.json', JSON.stringify({ text: 'x'.repeat(20_000) }));
	const { stdout, stderr } = router.run('sh -x /usr/libexec/rpcd/netmon call status');
	assert.equal(JSON.parse(stdout).text.length, 20_000);
	const started = [...stderr.matchAll(/^\++ (touch|wc|cat|awk|sed|head|tr|[/\w]*netmon|[/\w]*node) /gm)].map(
		(match) => match[1],
	);
	assert.deepEqual(started, ['touch', 'wc', 'cat']);
	assert.deepEqual(router.records(), []);
});
