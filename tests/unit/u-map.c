/*
 * The map against a plain array.
 */
#include "tap.h"

#include "base/map.h"

#include <stdlib.h>

#define KEYS 20000

static void
many(void)
{
	struct map m = MAP_INIT;
	union map_value *v;
	int i, made, good = 1;
	char key[32];

	ok(map_get(&m, "x") == NULL, "an empty map has nothing");
	for (i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "key %d", i * 7919 % KEYS);
		v = map_put(&m, key, &made);
		good &= made && v->i == 0;
		v->i = i;
	}
	ok(good, "%d keys are made, each once, zero at first", KEYS);
	for (i = 0; i < KEYS; i++) {
		snprintf(key, sizeof key, "key %d", i * 7919 % KEYS);
		v = map_put(&m, key, &made);
		good &= !made && v->i == i && map_get(&m, key) == v;
		good &= strcmp(m.e[i].key, key) == 0 && m.e[i].v.i == i;
	}
	ok(good, "and found again, in the order of insertion");
	is_int(m.n, KEYS, "none is there twice");
	ok(map_get(&m, "key") == NULL && map_get(&m, "") == NULL,
	    "what was not put is not there");
	ok(m.nslot >= 2 * m.n && (m.nslot & (m.nslot - 1)) == 0,
	    "half of the slots are free");
	map_release(&m);
	ok(m.e == NULL && m.n == 0 && map_get(&m, "key 1") == NULL,
	    "released is empty");
}

static void
keys(void)
{
	struct map m = MAP_INIT;
	char key[300], same[] = "same";
	int i, good = 1;

	/* every length around the words of eight bytes */
	memset(key, 'k', sizeof key);
	for (i = 0; i < 299; i++) {
		key[i] = '\0';
		map_put(&m, key, NULL)->i = i;
		key[i] = 'k';
	}
	for (i = 0; i < 299; i++) {
		key[i] = '\0';
		good &= map_get(&m, key) != NULL && map_get(&m, key)->i == i;
		key[i] = 'k';
	}
	ok(good, "keys of 0 to 298 bytes");
	map_put(&m, same, NULL)->p = same;
	same[0] = 'S';
	ok(map_get(&m, "same") != NULL && map_get(&m, same) == NULL,
	    "the key was copied");
	ok(map_get(&m, "same")->p == same, "the value is the caller's");
	map_release(&m);
}

static void
bytes(void)
{
	struct map m = MAP_INIT;
	char key[9] = { 0 };
	const char *first;
	int i, k, made, good = 1;

	/* NUL is a byte as any other, and counts */
	for (i = 0; i <= 9; i++) {
		map_put_n(&m, key, (size_t)i, &made)->i = i;
		good &= made;
	}
	for (i = 0; i <= 9; i++)
		good &= map_get_n(&m, key, (size_t)i)->i == i;
	ok(good, "keys of nothing but NULs, told apart by their length");
	first = m.e[0].key;
	for (i = 0; i < 3000; i++)
		for (k = 0; k < 2; k++)
			map_put_n(&m, (const char *)&i, sizeof i, &made)->i = i;
	for (i = 1; i < 3000; i++)
		good &= map_get_n(&m, (const char *)&i, sizeof i)->i == i;
	/* the four bytes of 0 were there before */
	is_int(m.n, 10 + 2999, "numbers, by their bytes");
	ok(good && m.e[0].key == first, "and keys stay where they are");
	map_release(&m);
}

/* Keys that are nearly the same must not stand in a row, or every look-up
 * walks along it. */
static void
spread(void)
{
	struct map m = MAP_INIT;
	size_t i, k, worst = 0;
	char key[16];

	for (i = 0; i < 4096; i++) {
		for (k = 0; k < 12; k++)
			key[k] = i >> k & 1 ? 'A' : 'a';
		key[12] = '\0';
		map_put(&m, key, NULL);
	}
	for (i = 0; i < m.n; i++) {
		k = m.e[i].hash & (m.nslot - 1);
		while (m.slot[k] != i + 1)
			k = (k + 1) & (m.nslot - 1);
		k = (k - m.e[i].hash) & (m.nslot - 1);
		if (k > worst)
			worst = k;
	}
	ok(worst < 100, "keys that differ in case lie apart (at most %zu)",
	    worst);
	map_release(&m);
}

int
main(void)
{
	many();
	keys();
	bytes();
	spread();
	return done();
}
