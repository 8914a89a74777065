// SPDX-License-Identifier: Apache-2.0
// What every csim test bench includes of other libraries: compiled once for all of them.
#include <ap_int.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>
