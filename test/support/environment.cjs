// Before every test file. The SDK's reminder about Node 20 would stand in every suite's output.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
