import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchOnController } from '../../run/modules/http-client.ts';

const test = suite('HTTP through a connection that is given');

test('a request goes over it, and not to the address from here', async () => {
  const server = createServer((request, response) => response.end(`${request.headers.host} ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  try {
    const answer = await fetchOnController('http://127.0.0.1:1/where', {
      headers: [['Host', 'example.com']],
      connect: async (address, wanted) => {
        asked.push(`${address}:${wanted}`);
        return connect(port, '127.0.0.1');
      },
    });
    assert.equal(asked, ['127.0.0.1:1']);
    assert.is(answer.status, 200);
    assert.is(answer.body.toString(), 'example.com /where');
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
