// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/identity.h"

#define BIT(f) (1U << (f))

static struct bb_identity make(const char *serial, const char *mac, const char *model,
	const char *profile)
{
	struct bb_identity i = { 0 };

	bb_identity_set(&i, BB_ID_SERIAL, serial);
	bb_identity_set(&i, BB_ID_MAC, mac);
	bb_identity_set(&i, BB_ID_MODEL, model);
	bb_identity_set(&i, BB_ID_PROFILE, profile);
	return i;
}

static void another_serial_number_is_another_device(void **state)
{
	struct bb_identity a = make("AS1234", "00:c0:b7:00:00:01", "X 1500", "apc"),
			   b = make("AS9999", "00:c0:b7:00:00:01", "X 1500", "apc");

	assert_int_equal(bb_identity_alarming(&a, &b), BIT(BB_ID_SERIAL));
	assert_int_equal(bb_identity_proof(&a, &b), BB_ID_FIELDS);
}

static void another_card_in_the_same_device_is_told(void **state)
{
	struct bb_identity a = make("AS1234", "00:c0:b7:00:00:01", "X", "apc"),
			   b = make("AS1234", "00:c0:b7:00:00:02", "X", "apc");

	assert_int_equal(bb_identity_alarming(&a, &b), BIT(BB_ID_MAC));
	assert_int_equal(bb_identity_proof(&a, &b), BB_ID_SERIAL);
}

static void a_better_profile_is_no_other_card(void **state)
{
	struct bb_identity a = make("AS1234", "", "UPS", "rfc1628"),
			   b = make("as1234 ", "00:c0:b7:00:00:01", "Smart-UPS 1500", "apc");

	assert_int_equal(bb_identity_alarming(&a, &b), 0);
	assert_true(bb_identity_merge(&a, &b));
	assert_string_equal(a.text[BB_ID_PROFILE], "apc");
	assert_string_equal(a.text[BB_ID_MAC], "00:c0:b7:00:00:01");
	assert_int_equal(bb_identity_alarming(&a, &b), 0);
	assert_false(bb_identity_merge(&a, &b));
}

static void without_proof_another_profile_is_told(void **state)
{
	struct bb_identity a = make("", "", "UPS", "rfc1628"), b = make("", "", "UPS", "delta");

	assert_int_equal(bb_identity_alarming(&a, &b), BIT(BB_ID_PROFILE));
}

static void another_model_in_the_same_place_is_told(void **state)
{
	struct bb_identity a = make("", "00:c0:b7:00:00:01", "X 1500", "apc"),
			   b = make("", "00:c0:b7:00:00:01", "X 3000", "apc");

	assert_int_equal(bb_identity_alarming(&a, &b), BIT(BB_ID_MODEL));
}

static void silence_about_a_field_is_no_difference(void **state)
{
	struct bb_identity a = make("AS1234", "00:c0:b7:00:00:01", "X", "apc"),
			   b = make("", "", "X", "apc");

	assert_int_equal(bb_identity_alarming(&a, &b), 0);
	assert_false(bb_identity_merge(&a, &b));
	assert_string_equal(a.text[BB_ID_SERIAL], "AS1234");
}

static void placeholders_are_no_serial_numbers(void **state)
{
	static const char *const none[] = { "", "0", "000000000", "N/A", "unknown", "XXXXXXXX",
		"123", "Not Available", "0123456789" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		struct bb_identity a = make(none[i], "", "", "");

		assert_string_equal(a.text[BB_ID_SERIAL], "");
	}
}

static void the_same_number_of_two_makers_proves_nothing(void **state)
{
	struct bb_identity a = make("100234", "", "", ""), b = a;

	bb_identity_set(&a, BB_ID_MFR, "APC");
	bb_identity_set(&b, BB_ID_MFR, "Eaton");
	assert_int_equal(bb_identity_proof(&a, &b), BB_ID_FIELDS);
	bb_identity_set(&b, BB_ID_MFR, "apc");
	assert_int_equal(bb_identity_proof(&a, &b), BB_ID_SERIAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_serial_number_is_another_device),
		cmocka_unit_test(another_card_in_the_same_device_is_told),
		cmocka_unit_test(a_better_profile_is_no_other_card),
		cmocka_unit_test(without_proof_another_profile_is_told),
		cmocka_unit_test(another_model_in_the_same_place_is_told),
		cmocka_unit_test(silence_about_a_field_is_no_difference),
		cmocka_unit_test(placeholders_are_no_serial_numbers),
		cmocka_unit_test(the_same_number_of_two_makers_proves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
