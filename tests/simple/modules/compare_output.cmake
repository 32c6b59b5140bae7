# Runs EXAMPLE with RUN and compares what it prints with the file EXPECTED, byte for byte.
execute_process(COMMAND ${RUN} run --path ${MODULES} ${EXAMPLE}
  OUTPUT_VARIABLE printed ERROR_VARIABLE complaint RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${EXAMPLE} ended with ${code}:\n${printed}${complaint}")
endif()
file(READ ${EXPECTED} expected)
if(NOT printed STREQUAL expected)
  message(FATAL_ERROR "${EXAMPLE} printed\n${printed}\nand not, as ${EXPECTED} has it,\n${expected}")
endif()
