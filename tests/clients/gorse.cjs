// SPDX-License-Identifier: Apache-2.0
// Drives a server through Gorse's own client for Node, every call of it.
// Usage: node gorse.cjs FOLDER_OF_GORSEJS http://HOST:PORT
// Expects the model's items to be called item0, item1, …; prints "ok CALLS".
const assert = require("node:assert/strict");
const { Gorse } = require(process.argv[2]);

const client = new Gorse({ endpoint: process.argv[3], secret: "secret" });
let calls = 0;
const call = async (name, ...args) => {
  calls += 1;
  return client[name](...args);
};
const ids = (list) => list.map((one) => one.Id);
const at = new Date("2024-04-03T12:00:00.250Z");
const feedback = (FeedbackType, UserId, ItemId) => ({
  FeedbackType, UserId, ItemId, Timestamp: at,
});

async function users() {
  assert.equal(await call("insertUser", { UserId: "ann", Labels: ["gold"] }), 1);
  assert.equal(await call("insertUsers", [{ UserId: "bob" }, { UserId: "eve" }]), 2);
  assert.equal(await call("updateUser", "ann", { UserId: "ann", Comment: "c" }), 1);
  assert.deepEqual(await call("getUser", "ann"),
    { UserId: "ann", Labels: ["gold"], Comment: "c" });
  const names = [];
  let page = { Cursor: "" };
  do {
    page = await call("getUsers", { n: 2, Cursor: page.Cursor });
    names.push(...page.Users.map((user) => user.UserId));
  } while (page.Cursor !== "");
  assert.deepEqual(names.sort(), ["ann", "bob", "eve"]);
  assert.equal(await call("deleteUser", "eve"), 1);
  await assert.rejects(call("getUser", "eve"),
    (error) => error.code === 404);
}

async function items() {
  const item = {
    ItemId: "item5", IsHidden: false, Categories: ["mugs", "new"],
    Timestamp: at, Labels: ["red"], Comment: "A mug",
  };
  assert.equal(await call("upsertItem", item), 1);
  assert.equal(await call("upsertItems",
    [{ ItemId: "item7", IsHidden: true, Timestamp: at }]), 1);
  assert.deepEqual(await call("getItem", "item5"),
    { ...item, Timestamp: "2024-04-03T12:00:00Z" });
  assert.equal(await call("updateItem", "item5", { Comment: "B" }), 1);
  assert.equal(await call("insertItemCategory", "item5", "sale"), 1);
  assert.equal(await call("deleteItemCategory", "item5", "new"), 1);
  const changed = await call("getItem", "item5");
  assert.deepEqual(changed.Categories, ["mugs", "sale"]);
  assert.equal(changed.Comment, "B");
  const page = await call("getItems", { n: 10 });
  assert.deepEqual(page.Items.map((one) => one.ItemId), ["item5", "item7"]);
  assert.equal(page.Cursor, "");
  assert.equal(await call("deleteItem", "item7"), 1);
}

async function feedbacks() {
  assert.equal(await call("insertFeedbacks", [
    feedback("read", "ann", "item1"), feedback("star", "ann", "item1"),
    feedback("read", "bob", "item1"), feedback("read", "bob", "item2"),
  ]), 4);
  assert.equal(await call("upsertFeedbacks", [feedback("read", "ann", "item1")]), 1);
  const one = await call("getFeedback", { type: "read", userId: "ann", itemId: "item1" });
  assert.equal(one.Timestamp, "2024-04-03T12:00:00Z");
  assert.equal((await call("getFeedbacks")).Feedback.length, 4);
  assert.equal((await call("getFeedbacks", "star", { n: 5 })).Feedback.length, 1);
  assert.equal((await call("getUserFeedback", "ann")).length, 2);
  assert.equal((await call("getUserFeedbackByType", "ann", "star")).length, 1);
  assert.equal((await call("getItemFeedback", "item1")).length, 3);
  assert.equal((await call("getItemFeedbackByType", "item1", "read")).length, 2);
  await call("deleteFeedback", { type: "star", userId: "ann", itemId: "item1" });
  assert.equal((await call("getUserFeedback", "ann")).length, 1);
}

async function recommendations() {
  const list = await call("getRecommend", { userId: "ann", cursorOptions: { n: 5 } });
  assert.equal(list.length, 5);
  assert.ok(!list.includes("item1") && !list.includes("item7"));
  assert.deepEqual(
    await call("getRecommend", { userId: "ann", cursorOptions: { n: 3, offset: 2 } }),
    list.slice(2));
  assert.deepEqual(await call("getRecommend", { userId: "ann", category: "sale" }), ["item5"]);
  // The answer changes with the next feedback.
  await call("insertFeedbacks", [feedback("read", "ann", list[0])]);
  const next = await call("getRecommend", { userId: "ann", cursorOptions: { n: 5 } });
  assert.ok(!next.includes(list[0]));
  await call("getRecommend",
    { userId: "ann", writeBackType: "read", writeBackDelay: "10m", cursorOptions: { n: 1 } });
  assert.equal((await call("getUserFeedback", "ann")).length, 3);

  assert.equal((await call("getSessionRecommend",
    [feedback("read", "", "item3")], { cursorOptions: { n: 4 } })).length, 4);
  assert.equal(ids(await call("getPopular", { cursorOptions: { n: 1 } }))[0], "item1");
  assert.ok(ids(await call("getLatest", {})).includes("item5"));
  assert.deepEqual(ids(await call("getLatest", { category: "sale" })), ["item5"]);
  assert.equal((await call("getItemNeighbors", { itemId: "item3" })).length, 10);
  assert.deepEqual(ids(await call("getUserNeighbors", { userId: "ann" })), ["bob"]);
}

(async () => {
  await users();
  await items();
  await feedbacks();
  await recommendations();
  console.log(`ok ${calls}`);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
