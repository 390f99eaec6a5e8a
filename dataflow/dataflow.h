// All of dataflow/: futures that run as soon as their arguments are known.

#ifndef WEFT_DATAFLOW_DATAFLOW_H_
#define WEFT_DATAFLOW_DATAFLOW_H_

#include "weft/dataflow/async.h"
#include "weft/dataflow/combine.h"
#include "weft/dataflow/flow.h"

#endif  // WEFT_DATAFLOW_DATAFLOW_H_
