// Read the tenant with Microsoft's JavaScript client and @azure/identity; print what was seen.
import 'isomorphic-fetch';
import { ClientSecretCredential } from '@azure/identity';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';

const { BASE, TENANT, CLIENT_ID, CLIENT_SECRET } = process.env;
const credential = new ClientSecretCredential(TENANT, CLIENT_ID, CLIENT_SECRET, {
  authorityHost: BASE,
  disableInstanceDiscovery: true,
});
const scope = 'https://graph.microsoft.com/.default';
const client = Client.init({
  baseUrl: `${BASE}/`,
  customHosts: new Set(['localhost']),
  authProvider: (done) =>
    credential.getToken(scope).then((token) => done(null, token.token), (error) => done(error, null)),
});
const errors = "onPremisesProvisioningErrors/any(e:e/category eq 'PropertyConflict')";
const names = (page) => page.value.map((item) => item.displayName);
const seen = {};

const page = await client
  .api('/users')
  .header('ConsistencyLevel', 'eventual')
  .filter("startsWith(displayName,'User')")
  .select(['id', 'displayName', 'onPremisesProvisioningErrors'])
  .orderby('displayName')
  .count(true)
  .get();
seen.filtered = names(page);
seen.count = page['@odata.count'];
seen.inError = [];
for (const kind of ['users', 'groups', 'contacts']) {
  seen.inError.push(...names(await client.api(`/${kind}`).filter(errors).get()));
}

const found = [];
const first = await client
  .api('/users')
  .header('ConsistencyLevel', 'eventual')
  .filter("displayName ne 'x'")
  .count(true)
  .top(50)
  .get();
await new PageIterator(client, first, (user) => found.push(user.id) > 0).iterate();
seen.iterated = [found.length, new Set(found).size];

seen.one = (await client.api("/users('ANN@contoso.com')").get()).displayName;
const groups = await client.api('/groups').get();
const group = groups.value.find((item) => item.displayName === 'Everybody');
seen.memberUsers = names(
  await client.api(`/groups/${group.id}/transitiveMembers/microsoft.graph.user`).get(),
).sort();
seen.searched = names(
  await client.api('/users').header('ConsistencyLevel', 'eventual').search('"displayName:ann"').get(),
);
try {
  await client.api('/me').get();
} catch (error) {
  seen.refused = [error.statusCode, error.code];
}
console.log(JSON.stringify(seen));
